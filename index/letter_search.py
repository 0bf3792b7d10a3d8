"""Whether a whole text may spell anything, told in bulk.

Rule: when in doubt, yes. Only a text of Latin letters and digits of which no word begins anything is left
out, in any alphabet that is shifted or mirrored. A text is a stream of words, and one of single letters for
all other ways of reading it.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.pattern_table import PatternTable
from index.rolling import MASK, Hashes, digests

_LETTERS = 26
# The first letters by which nearly everything is told apart.
_OPENING = 8
_A, _ZERO = ord("a"), ord("0")
_GAP = np.zeros(1, dtype=np.uint64)

Starts = NDArray[np.int64]


class LetterSearch:
    """`symbols` are the hashes of the steps from letter to letter, the last one that of a first letter."""

    __slots__ = ("_figures", "_first", "_steps", "_tables")

    def __init__(self, tables: Sequence[PatternTable], symbols: Sequence[int]) -> None:
        self._tables = tuple(table for table in tables if table.lengths)
        self._first = symbols[_LETTERS]
        self._figures = np.array(symbols[:10], dtype=np.uint64)
        self._steps = tuple(
            np.array([symbols[sign * step % _LETTERS] for step in range(1 - _LETTERS, _LETTERS)], np.uint64)
            for sign in (1, -1)
        )

    def may_spell(self, words: Sequence[str], singles: str) -> bool:
        """`singles`: letters, each of them a word by itself."""
        text = "".join(words) + singles
        if not text or not self._tables:
            return False
        if not (text.isascii() and text.isalnum()):
            return True
        letters = np.frombuffer(text.lower().encode(), dtype=np.uint8).astype(np.intp)
        plain, mirrored = (self._entering(letters, steps, text.isalpha()) for steps in self._steps)
        steps = np.concatenate((plain, _GAP, mirrored, _GAP))
        begins = np.arange(len(words) + len(singles))
        if words:
            begins[1 : len(words)] = np.fromiter(accumulate(map(len, words[:-1])), np.intp, len(words) - 1)
            begins[len(words) :] += len(text) - len(singles) - len(words)
        if not text.isalpha():
            figures = letters[begins] < _A
            if any(map(self._begins_with_digit, letters[begins[figures]].tolist())):
                return True
            begins = begins[~figures]
        return self._finds(steps, np.concatenate((begins, begins + len(letters))))

    def _entering(self, letters: Starts, steps: Hashes, alphabetic: bool) -> Hashes:
        """The symbol of each letter after the first. A digit is no step, and passed over by the next one."""
        if alphabetic:
            entering: Hashes = steps[letters[1:] - letters[:-1] + (_LETTERS - 1)]
            return entering
        found = np.zeros(len(letters), dtype=np.uint64)
        at = (letters >= _A).nonzero()[0]
        found[at[1:]] = steps[letters[at[1:]] - letters[at[:-1]] + (_LETTERS - 1)]
        figures = (letters < _A).nonzero()[0]
        found[figures] = self._figures[letters[figures] - _ZERO]
        return found[1:]

    def _begins_with_digit(self, letter: int) -> bool:
        """Whether anything does: after a digit, what begins is not followed here."""
        digit = int(self._figures[letter - _ZERO])
        return any(table.can_grow(1, digit) for table in self._tables)

    def _finds(self, steps: Hashes, begins: Starts) -> bool:
        """Whether anything is spelled from one of these letters on."""
        opened: dict[int, Hashes] = {}
        for table in self._tables:
            opening = min(_OPENING, table.lengths[0])
            if (digest := opened.get(opening)) is None:
                digest = opened[opening] = self._opened(table, opening, steps, begins)
            at = _may_begin(table, opening, digest).nonzero()[0].tolist()
            if any(_spells(table, int(digest[one]), int(begins[one]), opening, steps) for one in at):
                return True
        return False

    def _opened(self, table: PatternTable, opening: int, steps: Hashes, begins: Starts) -> Hashes:
        """The digest of the first letters from each of these on; what reaches over the end is in doubt."""
        first = np.uint64(self._first * table.powers[opening - 1] & MASK)
        if opening == 1:
            return np.full(len(begins), first)
        rolled = digests(np.concatenate((steps, steps[:opening])), opening - 1, table.base)
        return rolled[begins] + first


def _may_begin(table: PatternTable, opening: int, digest: Hashes) -> NDArray[np.bool_]:
    passed = bloom.may_hold(table.grow[opening], digest)
    if opening in table.lengths:
        passed |= bloom.may_hold(table.whole[opening], digest)
    return passed


def _spells(table: PatternTable, digest: int, begin: int, count: int, steps: Hashes) -> bool:
    """Whether what begins at this letter comes to an end."""
    at = begin + count - 1
    while not table.owners(count, digest):
        if at >= len(steps) or not table.can_grow(count, digest):
            return False
        digest = (digest * table.base + int(steps[at])) & MASK
        count, at = count + 1, at + 1
    return True
