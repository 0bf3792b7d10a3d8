"""A segment comes out as it went in, says nothing without the key, and refuses every change."""

from datetime import UTC, datetime
from random import Random

import pytest

from index.manifest import fold_version
from index.segment import segment as segments
from index.segment.compiling import compile_segment
from index.segment.error import SegmentError
from index.segment.segment import Segment
from index.segment.settings import Settings
from policy.entry import Entry, Question, Reason

KEY = bytes(range(32))
SETTINGS = Settings(window=8, reveal=2, coverage=0.5, misspelled=True)
POEM = "The lamplighter kept seven herons beside a crooked granite mill, and nobody asked why he did."
ENTRY = Entry(
    "crane",
    Reason.PRIVACY,
    names=("Alden Crane",),
    passages=(POEM,),
    questions=(Question("Where was Alden Crane born?", "In Ystad, in 1931."),),
    secrets=("555-201-3391",),
    end=datetime(2030, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def made() -> Segment:
    return compile_segment([ENTRY], SETTINGS, {}, KEY)


@pytest.fixture(scope="module")
def data(made: Segment) -> bytes:
    return made.to_bytes(KEY)


def test_every_array_comes_out_as_it_went_in(made: Segment, data: bytes) -> None:
    read = Segment.from_bytes(data, KEY)
    assert read.header == made.header
    assert set(read.columns.sizes) == set(made.columns.sizes)
    for name in made.columns.sizes:
        array = made.columns[name]
        assert read.columns[name].tolist() == array.tolist()
        assert read.columns[name].dtype == array.dtype


def test_nothing_is_readable_without_the_key_not_even_whose_it_is(data: bytes) -> None:
    text = data.decode("latin-1").lower()
    for word in ("crane", "alden", "lamplighter", "heron", "555", "window", "passages", "privacy"):
        assert word not in text[len(segments.MAGIC) :]
    with pytest.raises(SegmentError, match="the seal is broken: another key"):
        Segment.from_bytes(data, KEY[::-1])


def test_two_segments_of_one_text_share_no_bytes(made: Segment, data: bytes) -> None:
    other = made.to_bytes(KEY)
    begin = len(segments.MAGIC)
    pieces = {data[at : at + 16] for at in range(begin, len(data) - 16)}
    assert not any(other[at : at + 16] in pieces for at in range(begin, len(other) - 16))


def everything(data: bytes) -> dict[str, list[object]]:
    read = Segment.from_bytes(data, KEY)
    return {name: read.columns[name].tolist() for name in read.columns.sizes}


def test_every_changed_byte_is_refused(data: bytes) -> None:
    chance = Random(5)
    for place in [*range(60), *(chance.randrange(len(data)) for _ in range(300)), len(data) - 1]:
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        with pytest.raises(SegmentError):
            everything(bytes(changed))


def test_what_is_cut_off_put_behind_or_exchanged_is_refused(data: bytes) -> None:
    halves = data[: len(data) // 2], data[len(data) // 2 :]
    for wrong in (b"", data[:1], data[:40], data[:-1], *halves, data + b"\0", data + data, bytes(200)):
        with pytest.raises(SegmentError):
            everything(wrong)


def test_a_length_that_promises_too_much_takes_no_memory(data: bytes) -> None:
    at = len(segments.MAGIC) + 16
    with pytest.raises(SegmentError, match="the seal is broken"):
        Segment.from_bytes(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :], KEY)


def test_one_array_in_the_place_of_another_is_refused(made: Segment, data: bytes) -> None:
    """Both are sealed, by the same key: only the place is wrong."""
    read = Segment.from_bytes(data, KEY)
    opener = read.columns
    assert isinstance(opener, segments._Opener)
    (_, one, described), (_, other, alike) = opener.places["pairs.low"], opener.places["pairs.high"]
    size = described.bytes + 16
    assert described.bytes == alike.bytes > 0
    changed = bytearray(data)
    changed[other : other + size] = data[one : one + size]
    with pytest.raises(SegmentError, match="the seal is broken"):
        everything(bytes(changed))


def test_another_version_of_the_units_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "fold_version", lambda: "another")
    with pytest.raises(SegmentError, match=f"expected fold another, found {fold_version()}"):
        Segment.from_bytes(data, KEY)
