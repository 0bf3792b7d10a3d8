"""The passages of an entry that stand in files, read again when they are asked for.

Rules: no more than one file's passages are in memory at a time. A file that no longer says what it said when
the policy was read is refused: half a policy is none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate, chain
from typing import overload

from policy.document import PassageRecord
from policy.problem import PolicyError, Problem
from policy.sources import Source, SourceError, parse_row, read_text, rows_of


@dataclass(frozen=True, slots=True)
class Piece:
    """Some passages in a row."""

    count: int
    read: Callable[[], Sequence[str]]


class FilePassages(Sequence[str]):
    """All pieces in order; the one that was read last stays in memory."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = [piece for piece in pieces if piece.count]
        self._begins = list(accumulate((piece.count for piece in self._pieces), initial=0))
        self._last: tuple[int, Sequence[str]] = -1, ()

    def __len__(self) -> int:
        return self._begins[-1]

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            return tuple(self._between(first, last))[::step]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return next(self._between(place % len(self), place % len(self) + 1))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(map(self._read, range(len(self._pieces))))

    def _between(self, first: int, last: int) -> Iterator[str]:
        for number, begin in enumerate(self._begins[:-1]):
            if begin < last and first < self._begins[number + 1]:
                yield from self._read(number)[max(0, first - begin) : last - begin]

    def _read(self, number: int) -> Sequence[str]:
        if self._last[0] != number:
            self._last = -1, ()
            self._last = number, self._pieces[number].read()
        return self._last[1]


def held(texts: Sequence[str]) -> Piece:
    """In memory."""
    return Piece(len(texts), lambda: texts)


def piece_of(source: Source, texts: Sequence[str], most: int) -> Piece:
    """The passages of a file, which were just read; `most`: so many bytes it may have."""
    digest = _digest(texts)

    def read() -> Sequence[str]:
        try:
            again = texts_of(source, most)
        except SourceError as error:
            raise PolicyError([error.problem]) from error
        if _digest(again) != digest:
            expected = "the passages that it held when the policy was read"
            raise PolicyError([Problem(source.shown, None, "", expected, "others")])
        return again

    return Piece(len(texts), read)


def texts_of(source: Source, most: int) -> Sequence[str]:
    text = read_text(source.path, source.shown, most)
    if source.is_text:
        return [PassageRecord(text=text.strip()).text]
    return [_text(row, source, line) for line, row in rows_of(text)]


def _text(row: str, source: Source, line: int) -> str:
    value = parse_row(row, source.shown, line)
    record = {"text": value} if isinstance(value, str) else value
    return PassageRecord.model_validate(record).text


def _digest(texts: Sequence[str]) -> bytes:
    state = blake2b(digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "little") + data)
    return state.digest()
