"""What the letters of a text spell, however it is cut into words, turned round or shifted in the alphabet.

Rule: a string is known by the steps from each of its letters to the next. The steps are the same in every
alphabet that is only shifted (Caesar, ROT13); turned round they are read backwards, which is stored too;
and in a mirrored alphabet (Atbash) they are the same with the other sign, which is tried too. A string begins
and ends where a word does. Digits are never shifted.

What a text may still become depends only on its last words, and words repeat: so every step is remembered.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from index.letter_rows import ROWS, STARTS_AT, MaskedRows, Row, Rows
from index.letter_search import LetterSearch
from index.levels import levels, mapped
from index.pattern_table import PatternTable
from index.rolling import MASK, WordHash

STRINGS, PASSAGES = "letters", "letter_passages"
# Longer strings are known by their beginning.
LONGEST = 32
MOST_REMEMBERED = 1 << 16
# How many first letters need not wait: nearly any text begins something with as many.
REVEAL, REVEAL_OF_PASSAGE = 3, 12
# By so many first letters nearly everything is told apart.
_OPENING = 6
ALPHABET = 26


class Spelled(NamedTuple):
    """The last words, from the one at `first` on, spell what `row` says. `shown`: how many of them may have
    gone out. `known`: in an alphabet that people use (as it is, ROT13, Atbash): chance is less likely.
    `plain`: word by word as it is.
    """

    first: int
    shown: int
    row: Row
    known: bool
    plain: bool


class Step(NamedTuple):
    """After a word: the last words that may go on to spell something, how many, how many of them must not go
    out, and what they do spell.
    """

    tail: str
    words: int
    held: int
    spelled: tuple[Spelled, ...]


class LetterTable:
    """Keyed like every table, and its rows are masked: nobody reads a letter in it without the key. `rows`:
    those of strings and those of passages, of each level.
    """

    __slots__ = ("_openings", "_passages", "_rows", "_strings", "_symbols", "_word_hash", "search", "steps")

    def __init__(
        self, strings: PatternTable, passages: PatternTable, rows: Sequence[Sequence[Rows]], key: bytes
    ) -> None:
        self._strings, self._passages = strings, passages
        self._rows = [
            MaskedRows(key, name, *each) for name, each in zip((STRINGS, PASSAGES), rows, strict=True)
        ]
        self._word_hash = WordHash(key)
        self._symbols = symbols(self._word_hash)
        self.steps: dict[str, Step] = {}
        self._openings: dict[str, bool] = {}
        of = self._word_hash.of
        self.search = LetterSearch((strings, passages), self._symbols, lambda letter: of(f"+{letter}"))

    def step(self, words: str) -> Step:
        """`words`: the tail of the step before, and one more. Who asks often looks into `steps` first."""
        return self.steps.get(words) or self._remember(words)

    def _remember(self, words: str) -> Step:
        if len(self.steps) >= MOST_REMEMBERED:
            self.steps.clear()
        step = self.read(words.split(" "))
        # What is spelled is rare, and is not kept.
        if not step.spelled:
            self.steps[words] = step
        return step

    def read(self, words: Sequence[str]) -> Step:
        """The same, not remembered."""
        alive = held = len(words)
        spelled: list[Spelled] = []
        text, begin = "".join(words), 0
        for first, word in enumerate(words):
            opening = text[begin : begin + _OPENING]
            begin += len(word)
            if len(opening) <= REVEAL:
                alive = min(alive, first)
            elif self._opens(opening):
                lives, waits, found = self._begun(words, first)
                alive, held = min(alive, first if lives else alive), min(held, waits)
                spelled += found
        return Step(
            " ".join(words[alive:]), len(words) - alive, len(words) - held, tuple(dict.fromkeys(spelled))
        )

    def _opens(self, opening: str) -> bool:
        """Whether anything begins like this, or with less of it."""
        known = self._openings.get(opening)
        if known is None:
            if len(self._openings) >= MOST_REMEMBERED:
                self._openings.clear()
            tables = self._strings, self._passages
            known = any(self._opens_in(table, opening, sign) for table in tables for sign in (1, -1))
            self._openings[opening] = known
        return known

    def _opens_in(self, table: PatternTable, opening: str, sign: int) -> bool:
        digest, before = 0, None
        for count, letter in enumerate(opening, 1):
            symbol, before = self._symbol(letter, before, sign)
            digest = (digest * table.base + symbol) & MASK
            if count > REVEAL:
                if count in table.lengths and table.owners(count, digest):
                    return True
                if not table.can_grow(count, digest):
                    return False
        return True

    def _begun(self, words: Sequence[str], first: int) -> tuple[bool, int, list[Spelled]]:
        """What begins with the word at `first`, in any alphabet."""
        alive, held, spelled = False, len(words), list[Spelled]()
        for table, reveal in ((self._strings, REVEAL), (self._passages, REVEAL_OF_PASSAGE)):
            for sign in (1, -1):
                lives, waits, found = self._follow(table, words, first, sign, reveal)
                if lives:
                    alive, held = True, min(held, waits)
                spelled += found
        return alive, held, spelled

    def _follow(
        self, table: PatternTable, words: Sequence[str], first: int, sign: int, reveal: int
    ) -> tuple[bool, int, list[Spelled]]:
        """What begins with the word at `first`: whether it may go on, from which word on it must wait, and
        what ends in the last word.
        """
        digest, count, last, waits = 0, 0, len(words) - 1, len(words)
        found: list[Spelled] = []
        before: int | None = None
        for place in range(first, len(words)):
            letters = words[place]
            for at, letter in enumerate(letters, 1):
                symbol, before = self._symbol(letter, before, sign)
                digest, count = (digest * table.base + symbol) & MASK, count + 1
                if place == last and count > REVEAL and count in table.lengths:
                    ends = at == len(letters)
                    found += self._whole(table, words, first, sign, digest, count, ends)
                if not table.can_grow(count, digest):
                    return False, waits, found
            if count > reveal:
                waits = min(waits, place)
        return True, waits, found

    def _symbol(self, letter: str, before: int | None, sign: int) -> tuple[int, int | None]:
        place = place_of(letter)
        if place == ALPHABET:
            return self._word_hash.of(f"+{letter}"), before
        step = ALPHABET if before is None else sign * (place - before) % ALPHABET
        return self._symbols[step], place

    def _whole(
        self,
        table: PatternTable,
        words: Sequence[str],
        first: int,
        sign: int,
        digest: int,
        count: int,
        ends: bool,
    ) -> list[Spelled]:
        found = []
        for number in table.owners(count, digest):
            row = self._rows[table is self._passages][number]
            shown = _shown(words[first:], REVEAL_OF_PASSAGE if row.passage else REVEAL)
            # A long string is known by its beginning, which ends anywhere.
            if not (ends or row.passage or count == LONGEST) or (sign < 0 and not row.letters):
                continue
            shift = (place_of(words[first][0]) - sign * row.first) % ALPHABET
            if row.first == ALPHABET:
                # What begins so does not tell how it is shifted; digits alone are not.
                plain, known = sign == 1 and not row.backwards, not row.letters
            else:
                plain = sign == 1 and shift == 0 and not row.backwards
                known = shift in (0, 13) if sign == 1 else shift == ALPHABET - 1
            plain = plain and self._stands(words[first:], row)
            found.append(Spelled(first, shown, row, known, plain))
        return found

    def _stands(self, words: Sequence[str], row: Row) -> bool:
        """Whether the string stands there word by word: then others find it, by their own rules."""
        digits = "".join(words[:2]) if words[0].isdecimal() else ""
        return row.start in (start_of(words, self._word_hash), start_of(digits, self._word_hash))

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "LetterTable":
        strings, passages = (PatternTable.load(folder, name, key) for name in (STRINGS, PASSAGES))
        rows = [[mapped(level, f"{name}.{ROWS}") for level in levels(folder)] for name in (STRINGS, PASSAGES)]
        return cls(strings, passages, rows, key)


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
    """Thirteen bits by which the first two words are known."""
    digest = 0
    for word in words[:2]:
        digest = (digest * word_hash.base + word_hash.of(word)) & MASK
    return digest >> STARTS_AT


def _shown(words: Sequence[str], reveal: int) -> int:
    """How many first words end within so many letters, the last word never."""
    count = 0
    for place, word in enumerate(words[:-1]):
        count += len(word)
        if count > reveal:
            return place
    return len(words) - 1
