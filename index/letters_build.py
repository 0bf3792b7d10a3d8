"""Makes the table of what letters spell.

Rules: every way of writing a name or a secret is a string: forwards and backwards, its words backwards, every
word backwards. A passage gives strings of 24 letters from every fourth word on, so that no stretch of it of
some ten words is without one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from index.key import subkey
from index.letters import ALPHABET, LONGEST, LetterTable, Row, masked, place_of, start_of, symbols
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

    def phrase(self, owner: int, words: Words, *, name: bool = False) -> None:
        """A number is its digits, whatever words they stand in."""
        if len("".join(words)) < LEAST:
            return
        key = int(digests(self._word_hash.many(words), len(words), self._word_hash.base)[0])
        start = start_of(words, self._word_hash)
        rows = {"".join(words)[::-1]: Row(owner, False, True, 0, key)}
        # What reads the same both ways is not backwards.
        forwards, turned, each = _forwards(words)
        texts: Words = (forwards,) if _is_number(words) else (each, turned, forwards)
        if name and len(words) < 3:
            # In the other order it is a name as people write it, with a comma or without.
            texts = each, forwards
        rows |= {text: Row(owner, False, False, start, key) for text in texts}
        for text, row in rows.items():
            self._add(text[:LONGEST], row)

    def passage(self, owner: int, words: Words, window: int, innocent: Hashes = NONE) -> None:
        """`innocent`: sorted digests of the windows that tell nothing."""
        keys = digests(self._word_hash.many(words), window, self._word_hash.base)
        telling = ~stands_in(keys, innocent)
        size = min(OF_PASSAGE, len("".join(words)))
        for place in range(0, len(words), STRIDE) if size >= LEAST_OF_PASSAGE else ():
            at = min(place, len(keys) - 1)
            if telling[at]:
                self._stretch(owner, words, place, size, int(keys[at]))

    def _stretch(self, owner: int, words: Words, place: int, size: int, key: int) -> None:
        """What begins with the word at `place`, and backwards what ends with it."""
        after = words[place : place + size]
        before = words[max(0, place + 1 - size) : place + 1] if size == OF_PASSAGE else words
        forwards = Row(owner, True, False, start_of(after, self._word_hash), key)
        onwards, _, turned = _forwards(after)
        _, backwards, _ = _forwards(before)
        for text, row in (
            (onwards, forwards),
            (turned, forwards),
            (backwards, replace(forwards, start=0)),
            ("".join(before)[::-1], Row(owner, True, True, 0, key)),
        ):
            if len(text) >= size:
                self._add(text[:size], row)

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
        digits = sum(map(str.isdecimal, text))
        self._rows.append(replace(row, first=place_of(text[0]), letters=len(text) - digits, digits=digits))
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


def _is_number(words: Words) -> bool:
    return all(len(word) == 1 and word.isdecimal() for word in words)


def _forwards(words: Words) -> tuple[str, str, str]:
    """In their order, in the other one, and in their order with each word turned round."""
    return "".join(words), "".join(reversed(words)), "".join(word[::-1] for word in words)
