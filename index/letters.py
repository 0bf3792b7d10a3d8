"""What the letters of a text spell, however it is cut into words, turned round or shifted in the alphabet.

Rule: a string is known by the steps from each of its letters to the next. The steps are the same in every
alphabet that is only shifted (Caesar, ROT13); turned round they are read backwards, which is stored too;
and in a mirrored alphabet (Atbash) they are the same with the other sign, which is tried too. A string begins
and ends where a word does. Whatever is no letter is passed over.

What a text may still become depends only on its last words, and words repeat: so every step is remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.key import subkey
from index.pattern_table import PatternTable, stored_hash
from index.rolling import MASK, WordHash

LETTERS, ROWS = "letters", "letter_rows.npy"
# Longer strings are known by their beginning.
LONGEST = 32
MOST_REMEMBERED = 1 << 16
ALPHABET = 26

Rows = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Row:
    """What a stored string is: `owner` a phrase's or a passage's number, `key` that by which it is supplied.

    `start`: sixteen bits of how its first words hash, by which it is known when it stands in the text as it
    is. `first`: its first letter (26: not a Latin one). `letters`: how many it has.
    """

    owner: int
    passage: bool
    backwards: bool
    start: int
    key: int
    first: int = 0
    letters: int = 0

    def packed(self) -> tuple[int, int]:
        flags = self.passage | self.backwards << 1
        return self.key, self.owner | self.first << 32 | flags << 37 | self.letters << 39 | self.start << 48

    @staticmethod
    def unpacked(key: int, told: int) -> "Row":
        return Row(
            owner=told & 0xFFFFFFFF,
            passage=bool(told >> 37 & 1),
            backwards=bool(told >> 38 & 1),
            first=told >> 32 & 31,
            letters=told >> 39 & 0x1FF,
            start=told >> 48,
            key=key,
        )


class Spelled(NamedTuple):
    """The last words, from the one at `first` on, spell what `row` says. `known`: in an alphabet that people
    use (as it is, ROT13, Atbash), by which a coincidence is less likely.
    """

    first: int
    row: Row
    known: bool


class Step(NamedTuple):
    """After a word: the last words that may go on to spell something, how many, and what they do spell."""

    tail: str
    words: int
    spelled: tuple[Spelled, ...]


class _Steps(dict[str, Step]):
    """By the last words and the new one. A dictionary that asks only for what it has not got."""

    __slots__ = ("_table",)

    def __init__(self, table: "LetterTable") -> None:
        super().__init__()
        self._table = table

    def __missing__(self, words: str) -> Step:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        step = self._table.read(words.split(" "))
        # What is spelled is rare, and is not kept.
        if not step.spelled:
            self[words] = step
        return step


class LetterTable:
    """Keyed like every table, and its rows are masked: nobody reads a letter in it without the key."""

    __slots__ = ("_rows", "_secret", "_steps", "_symbols", "_table", "_word_hash")

    def __init__(self, table: PatternTable, rows: Rows, key: bytes) -> None:
        self._table, self._rows = table, rows
        self._secret = subkey(key, "letters")
        self._word_hash = WordHash(key)
        self._symbols = symbols(self._word_hash)
        self._steps = _Steps(self)

    def step(self, tail: str, word: str) -> Step:
        """`tail`: that of the step before."""
        return self._steps[f"{tail} {word}" if tail else word]

    def read(self, words: Sequence[str]) -> Step:
        """The same, not remembered."""
        alive, spelled = len(words), []
        for first in range(len(words)):
            for sign in (1, -1):
                lives, found = self._follow(words, first, sign)
                if lives:
                    alive = min(alive, first)
                spelled += found
        return Step(" ".join(words[alive:]), len(words) - alive, tuple(spelled))

    def _follow(self, words: Sequence[str], first: int, sign: int) -> tuple[bool, list[Spelled]]:
        """What begins with the word at `first`: whether it may go on, and what ends in the last word."""
        table, digest, count = self._table, 0, 0
        last, found = len(words) - 1, list[Spelled]()
        before: int | None = None
        opening = ""
        for place in range(first, len(words)):
            letters = letters_of(words[place])
            for at, letter in enumerate(letters, 1):
                symbol, before = self._symbol(letter, before, sign)
                opening = opening or letter
                digest, count = (digest * table.base + symbol) & MASK, count + 1
                if place == last:
                    found += self._whole(
                        words[first:], opening, sign, digest, count, at == len(letters), first
                    )
                if not table.can_grow(count, digest):
                    return False, found
        return True, found

    def _symbol(self, letter: str, before: int | None, sign: int) -> tuple[int, int | None]:
        place = place_of(letter)
        if place == ALPHABET:
            return self._word_hash.of(f"+{letter}"), before
        step = ALPHABET if before is None else sign * (place - before) % ALPHABET
        return self._symbols[step], place

    def _whole(
        self, words: Sequence[str], opening: str, sign: int, digest: int, count: int, ends: bool, first: int
    ) -> list[Spelled]:
        found = []
        for number in self._table.owners(count, digest):
            row = self._row(number)
            # A long string is known by its beginning, which ends anywhere.
            if not (ends or row.passage or count == LONGEST):
                continue
            # A letter of another alphabet is never shifted.
            shift = 0 if row.first == ALPHABET else (place_of(opening) - sign * row.first) % ALPHABET
            plain = sign == 1 and shift == 0 and not row.backwards
            if not (plain and self._stands(words, row)):
                known = shift in (0, 13) if sign == 1 else shift == ALPHABET - 1
                found.append(Spelled(first, row, known))
        return found

    def _stands(self, words: Sequence[str], row: Row) -> bool:
        """Whether the string stands there word by word: then others find it, by their own rules."""
        return start_of(words, self._word_hash) == row.start

    def _row(self, number: int) -> Row:
        key, told = (int(value) for value in self._rows[number].tolist())
        return Row.unpacked(*masked(self._secret, number, key, told))

    def save(self, folder: Path) -> None:
        self._table.save(folder, LETTERS)
        np.save(folder / ROWS, self._rows, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "LetterTable":
        rows: Rows = np.load(folder / ROWS, mmap_mode="r", allow_pickle=False)
        return cls(PatternTable.load(folder, LETTERS, key), rows, key)


def symbols(word_hash: WordHash) -> list[int]:
    """The hash of each step; the last one is that of a first letter. No unit has a plus sign."""
    return [word_hash.of(f"+{step}") for step in range(ALPHABET + 1)]


def place_of(letter: str) -> int:
    """In the alphabet; 26 for a letter that is not in it."""
    place = ord(letter) - ord("a")
    return place if 0 <= place < ALPHABET else ALPHABET


def letters_of(word: str) -> str:
    """Of a unit, what is no digit."""
    return word if word.isalpha() else "".join(filter(str.isalpha, word))


def start_of(words: Sequence[str], word_hash: WordHash) -> int:
    """Sixteen bits by which the first two words are known."""
    return word_hash.of("+".join(words[:2])) & 0xFFFF


def masked(secret: bytes, number: int, key: int, told: int) -> tuple[int, int]:
    """A row under the key's mask, or freed of it."""
    return key ^ stored_hash(secret, 0, number), told ^ stored_hash(secret, 1, number)
