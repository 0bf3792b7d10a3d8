"""A directive is taken as the gateway sealed it, or not at all."""

import json
import sys
from dataclasses import replace
from itertools import product
from subprocess import run

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.key import entry_number
from steering import directive as module
from steering.directive import (
    LONGEST,
    LONGEST_S,
    MOST_ENTRIES,
    MOST_TOKENS,
    Canary,
    Directive,
    DirectiveError,
    open_directive,
    seal,
)

KEY, OTHER = bytes(range(32)), bytes(32)
NOW = 1_800_000_000.0
numbers = st.integers(0, 2**63 - 1)
tokens = st.integers(1, MOST_TOKENS).flatmap(
    lambda size: st.tuples(
        *[st.lists(st.integers(0, 2**31 - 1), min_size=size, max_size=size).map(tuple)] * 3
    )
)


@st.composite
def directives(draw: st.DrawFn) -> Directive:
    listed = draw(st.frozensets(numbers, max_size=20))
    active = draw(st.just(listed) | st.none())
    allowed = frozenset(each for each in listed if draw(st.booleans()))
    canary = draw(st.none() | tokens.map(lambda lists: Canary(*lists)))
    return Directive(active, allowed, draw(st.floats(0, 1)), draw(numbers), canary)


@given(directives(), st.binary(min_size=16, max_size=80), st.floats(0, 899))
def test_what_was_sealed_is_opened_as_it_was(directive: Directive, key: bytes, later: float) -> None:
    assert open_directive(seal(directive, key, NOW, 900), key, NOW + later) == directive


SOME = [
    Directive(),
    Directive(frozenset(), canary=Canary((128, 129), (255, 131), (132, 133))),
    Directive(frozenset({1, 2**63 - 1}), frozenset({1}), 0.25, 7),
]


@pytest.mark.parametrize("directive", SOME, ids=["strict", "canary", "listed"])
def test_every_bit_that_was_turned_is_refused(directive: Directive) -> None:
    sealed = seal(directive, KEY, NOW, 900)
    assert open_directive(sealed, KEY, NOW) == directive
    for at, bit in product(range(len(sealed)), range(8)):
        turned = sealed[:at] + chr(ord(sealed[at]) ^ 1 << bit) + sealed[at + 1 :]
        with pytest.raises(DirectiveError):
            open_directive(turned, KEY, NOW)


@given(st.text(max_size=300) | st.binary(max_size=300) | st.none() | st.integers() | st.floats())
@example("é" * 100)
@example("0" * 64 + "[" * 10_000)
def test_what_nobody_sealed_is_refused(text: object) -> None:
    with pytest.raises(DirectiveError):
        open_directive(text, KEY, NOW)


@pytest.mark.parametrize("directive", SOME, ids=["strict", "canary", "listed"])
def test_a_piece_of_a_directive_is_refused(directive: Directive) -> None:
    sealed = seal(directive, KEY, NOW, 900)
    for piece in (sealed[:-1], sealed[1:], sealed + " ", sealed[:64], sealed[:64].upper() + sealed[64:], ""):
        if piece != sealed:
            with pytest.raises(DirectiveError):
                open_directive(piece, KEY, NOW)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(DirectiveError, match="seal"):
        open_directive(seal(Directive(), KEY, NOW, 900), OTHER, NOW)


def test_it_ends_with_its_time() -> None:
    sealed = seal(Directive(), KEY, NOW, 900)
    assert open_directive(sealed, KEY, NOW + 899) == Directive()
    with pytest.raises(DirectiveError, match="too old"):
        open_directive(sealed, KEY, NOW + 900)


def test_none_lasts_longer_than_a_day() -> None:
    with pytest.raises(DirectiveError, match="life"):
        seal(Directive(), KEY, NOW, LONGEST_S + 1)
    with pytest.raises(DirectiveError, match="life"):
        open_directive(seal(Directive(), KEY, NOW, LONGEST_S), KEY, NOW - 60)


def sealed_as(**changed: object) -> str:
    """A directive of the gateway's own key with other contents than it would ever seal."""
    body = json.loads(seal(Directive(), KEY, NOW, 900)[64:]) | changed
    written = json.dumps({name: value for name, value in body.items() if value != "gone"})
    return module._seal(KEY, written.encode()) + written


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"version": True},
        {"version": "1"},
        {"more": 1},
        {"strength": "gone"},
        {"strength": 1.5},
        {"strength": float("nan")},
        {"strength": True},
        {"until": "tomorrow"},
        {"until": float("inf")},
        {"active": {"1": 1}},
        {"active": [True]},
        {"active": [-1]},
        {"active": [2**63]},
        {"active": [1], "allowed": [2]},
        {"allowed": None},
        {"generation": None},
        {"canary": []},
        {"canary": [[1], [2], [3, 4]]},
        {"canary": [[], [], []]},
        {"canary": [[2**31], [1], [1]]},
    ],
    ids=str,
)
def test_contents_that_are_not_known_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(DirectiveError):
        open_directive(sealed_as(**changed), KEY, NOW)


def test_its_size_is_bounded() -> None:
    most = frozenset(range(2**63 - MOST_ENTRIES, 2**63))
    full = (2**31 - 1,) * MOST_TOKENS
    largest = Directive(most, most, 1.0, 2**63 - 1, Canary(full, full, full))
    assert open_directive(seal(largest, KEY, NOW, 900), KEY, NOW) == largest
    assert len(seal(largest, KEY, NOW, 900)) <= LONGEST
    for more in (replace(largest, active=most | {1}), replace(largest, canary=Canary(*[(1, *full)] * 3))):
        with pytest.raises(DirectiveError, match="at most"):
            seal(more, KEY, NOW, 900)
    with pytest.raises(DirectiveError, match="characters"):
        open_directive("0" * (LONGEST + 1), KEY, NOW)


def test_nothing_of_a_directive_is_in_its_error() -> None:
    secret = entry_number(KEY, "crane")
    with pytest.raises(DirectiveError) as error:
        open_directive(seal(Directive(frozenset({secret})), OTHER, NOW, 900), KEY, NOW)
    assert str(secret) not in str(error.value)


def test_only_a_directive_that_steers_something_is_not_idle() -> None:
    canary = Canary((1,), (2,), (3,))
    assert Directive(frozenset()).idle
    assert not any(each.idle for each in (Directive(), Directive(frozenset({1}))))
    assert not Directive(frozenset(), canary=canary).idle


def test_it_needs_the_standard_library_alone() -> None:
    code = "import sys; import steering.directive; print(*sys.modules)"
    said = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in said.split()}
    assert "steering" in loaded
    assert not {"numpy", "torch", "pydantic", "vllm", "yaml", "xxhash"} & loaded
