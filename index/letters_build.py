"""Makes the table of what letters spell.

Rules: every way of writing a name or a secret is a string, forwards and backwards. A passage gives a string
of 24 letters from every fourth word on, so that no stretch of it of some ten words is without one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from index.key import subkey
from index.letters import ALPHABET, LONGEST, LetterTable, Row, letters_of, masked, place_of, start_of, symbols
from index.rolling import Hashes, WordHash, digests
from index.table_builder import NONE, TableBuilder, stands_in

# Fewer letters in a row are found everywhere.
LEAST = 4
OF_PASSAGE = 24
STRIDE = 4
# With fewer letters a whole passage is no string.
LEAST_OF_PASSAGE = 12

Words = Sequence[str]


@dataclass(slots=True)
class LetterBuilder:
    """Collects strings, then makes the table of them."""

    key: bytes
    _word_hash: WordHash = field(init=False)
    _symbols: list[int] = field(init=False)
    _rows: list[Row] = field(default_factory=list)
    _strings: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._word_hash = WordHash(self.key)
        self._symbols = symbols(self._word_hash)

    def phrase(self, owner: int, words: Words) -> None:
        text = "".join(map(letters_of, words))
        if len(text) >= LEAST:
            key = int(digests(self._word_hash.many(words), len(words), self._word_hash.base)[0])
            start = start_of(words, self._word_hash)
            self._add(text[:LONGEST], Row(owner, False, False, start, key))
            self._add(text[::-1][:LONGEST], Row(owner, False, True, 0, key))

    def passage(self, owner: int, words: Words, window: int, innocent: Hashes = NONE) -> None:
        """`innocent`: sorted digests of the windows that tell nothing."""
        letters = [letters_of(word) for word in words]
        ends = np.cumsum([len(each) for each in letters]).tolist()
        text = "".join(letters)
        keys = digests(self._word_hash.many(words), window, self._word_hash.base)
        telling = ~stands_in(keys, innocent)
        size = min(OF_PASSAGE, len(text))
        for place in range(0, len(words), STRIDE) if size >= LEAST_OF_PASSAGE else ():
            at = min(place, len(keys) - 1)
            first, last, key = ends[place] - len(letters[place]), ends[place], int(keys[at])
            if telling[at] and first + size <= len(text):
                start = start_of(words[place : place + 2], self._word_hash)
                self._add(text[first : first + size], Row(owner, True, False, start, key))
            if telling[at] and last >= size:
                self._add(text[last - size : last][::-1], Row(owner, True, True, 0, key))

    def build(self) -> LetterTable:
        tables = TableBuilder(self.key, 0), TableBuilder(self.key, 0)
        by_kind: dict[tuple[bool, int], list[int]] = {}
        for number, (row, string) in enumerate(zip(self._rows, self._strings, strict=True)):
            by_kind.setdefault((row.passage, len(string)), []).append(number)
        for (passage, _), numbers in by_kind.items():
            strings: Hashes = np.array([self._strings[number] for number in numbers], dtype=np.uint64)
            tables[passage].add_many(strings, np.array(numbers, dtype=np.uint32))
        secret = subkey(self.key, "letters")
        rows = [masked(secret, number, *row.packed()) for number, row in enumerate(self._rows)]
        made = np.array(rows, dtype=np.uint64).reshape(-1, 2)
        return LetterTable(tables[False].build(), tables[True].build(), made, self.key)

    def _add(self, text: str, row: Row) -> None:
        self._rows.append(replace(row, first=place_of(text[0]), letters=len(text)))
        self._strings.append(list(self._steps(text)))

    def _steps(self, text: str) -> Iterator[int]:
        before: int | None = None
        for letter in text:
            place = place_of(letter)
            if place == ALPHABET:
                yield self._word_hash.of(f"+{letter}")
                continue
            yield self._symbols[ALPHABET if before is None else (place - before) % ALPHABET]
            before = place
