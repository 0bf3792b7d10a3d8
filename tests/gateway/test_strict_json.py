"""What two parsers could read differently is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.strict_json import DEPTH, JsonError, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_plain_json_is_read_as_it_is(value: object, escaped: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=escaped).encode()) == value


REFUSED = {
    "nothing": b"",
    "garbage": b"{",
    "more after the end": b"{} {}",
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice by another spelling": b'{"a": 1, "\\u0061": 2}',
    "a key twice, deep": b'{"a": [{"b": 1, "b": 1}]}',
    "half a surrogate": b'{"a": "\\ud800"}',
    "half a surrogate in a key": b'{"\\udc00": 1}',
    "bytes that are not UTF-8": b'{"a": "\xff"}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a huge integer": b'{"a": 18446744073709551616}',
    "a very long integer": b'{"a": ' + b"9" * 5000 + b"}",
    "deep nesting": b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1),
    "very deep nesting": b"[" * 100_000,
    "a comment": b'{"a": 1} // b',
    "a trailing comma": b"[1,]",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_may_be_read_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(JsonError):
        parse(data)


def test_brackets_in_strings_are_not_nesting() -> None:
    said = ["[" * 500 + '\\"{']
    assert parse(json.dumps(said).encode()) == said


def test_an_error_does_not_quote_the_text() -> None:
    with pytest.raises(JsonError) as caught:
        parse(b'{"a": "secret", "a": "secret"')
    assert "secret" not in str(caught.value)
