"""Events are split as the standard says, in whatever pieces they come."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.sse import BOM, Event, EventReader, EventTooLong, encode
from tests.growth import grows_at_most
from tests.laws import law

LIMIT = 10_000
LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
VALUES = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])
    | st.sampled_from("\u2028\u2029\u0085"),
    max_size=20,
)


def read(*pieces: bytes) -> list[Event]:
    reader = EventReader(LIMIT)
    return [event for piece in pieces for event in reader.feed(piece)]


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream, and the data of its events."""
    text, expected = draw(st.sampled_from([b"", BOM])), []
    for value in draw(st.lists(VALUES, max_size=6)):
        end = draw(LINE_ENDS)
        comment = draw(st.sampled_from([b"", b": keep-alive" + end, b"id: 7" + end, b"event: delta" + end]))
        text += comment + b"data: " + value.encode() + end + end
        expected.append(value.encode())
    return text, expected


@given(streams(), st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_gives_the_same_events(made: tuple[bytes, list[bytes]], cuts: list[int]) -> None:
    text, expected = made
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert [event.data for event in read(*pieces)] == expected
    assert [event.data for event in read(*(text[at : at + 1] for at in range(len(text))))] == expected


def test_separators_of_unicode_are_data() -> None:
    said = "a\u2028b\u2029c\u0085d".encode()
    assert read(encode(said)) == [Event(said)]


def test_several_data_lines_are_one_event() -> None:
    assert read(b"data: a\ndata:b\n\n") == [Event(b"a\nb")]


def test_comments_and_unknown_fields_are_dropped() -> None:
    assert read(b": keep-alive\n\nretry: 5\n\n") == []


def test_an_event_without_its_end_is_not_an_event() -> None:
    reader = EventReader(LIMIT)
    assert reader.feed(b"data: a\n") == []
    assert reader.open


ODD = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"\n\n", b"data: ", b"data", b"event: ", b":", b" ", BOM, BOM[:2]]
)
BYTES = st.lists(st.binary(max_size=6) | ODD, max_size=20).map(b"".join)


class Told(NamedTuple):
    events: list[Event]
    too_long: bool
    open: bool


def told(pieces: list[bytes], limit: int) -> Told:
    reader, events = EventReader(limit), list[Event]()
    try:
        for piece in pieces:
            events += reader.feed(piece)
    except EventTooLong:
        return Told(events, True, False)
    return Told(events, False, reader.open)


def each(text: bytes) -> Iterator[bytes]:
    return (text[at : at + 1] for at in range(len(text)))


def between(text: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    return (text[start:end] for start, end in pairwise(places))


@law
@given(BYTES, st.lists(st.integers(0, 120), max_size=8), st.integers(1, 30))
def test_any_bytes_in_any_cut_are_the_same_events_or_too_long(
    text: bytes, cuts: list[int], limit: int
) -> None:
    one_by_one, cut = (told(pieces, limit) for pieces in ([*each(text)], [*between(text, cuts)]))
    assert all(len(event.data) <= limit for event in (*one_by_one.events, *cut.events))
    if one_by_one.too_long or cut.too_long:
        # How much of what is too long came at once decides how much before it is still told.
        shared = min(len(one_by_one.events), len(cut.events))
        assert one_by_one.events[:shared] == cut.events[:shared]
    else:
        assert one_by_one == cut


def test_a_line_that_comes_byte_by_byte_takes_linear_time() -> None:
    def fed(size: int) -> None:
        reader = EventReader(2**22)
        for _ in range(size):
            reader.feed(b"x")

    assert grows_at_most(20, fed, 10_000, 80_000), "eight times as many take eight times as long"


@pytest.mark.parametrize(
    "piece", [b"data: " + b"x" * LIMIT, b"data: x\n" * LIMIT], ids=["a line", "many lines"]
)
def test_an_event_over_the_limit_is_an_error(piece: bytes) -> None:
    with pytest.raises(EventTooLong):
        read(piece)
