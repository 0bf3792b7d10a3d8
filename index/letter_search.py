"""Whether a whole text may spell anything, told in bulk.

Rule: when in doubt, yes. Only a text of which no word begins anything is left out, in any alphabet that is
shifted or mirrored. A text is a stream of words, and one of single letters for all other ways of reading it.
Digits, and letters that the alphabet lacks, are not shifted.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.pattern_table import PatternTable
from index.rolling import MASK, Hashes, digests, weights

_LETTERS = 26
# The first letters by which nearly everything is told apart; so many more tell text of like words apart.
_OPENING, _MORE = 8, 8
# So many first digits, or other signs, tell what begins with them apart.
_SIGNS = 5
# As many openings are followed one by one: an array has a price of its own.
_FEW = 4
_A, _Z = ord("a"), ord("z")
# No step: nothing goes on over it.
_BEGIN = np.zeros(1, dtype=np.uint8)
_GAP, _END = np.zeros(1, dtype=np.uint64), np.zeros(_OPENING + _MORE, dtype=np.uint64)
_ONWARDS = np.arange(_OPENING - 1, _OPENING + _MORE - 1)

Starts = NDArray[np.int64]


Codes = NDArray[np.uint8] | NDArray[np.uint32]


class LetterSearch:
    """`symbols` are the hashes of the steps from letter to letter, the last one that of a first letter;
    `symbol` is that of any other sign.
    """

    __slots__ = ("_first", "_steps", "_symbol", "_tables", "_taken")

    def __init__(
        self, tables: Sequence[PatternTable], symbols: Sequence[int], symbol: Callable[[str], int]
    ) -> None:
        self._tables = tuple(table for table in tables if table.lengths)
        self._first, self._symbol = symbols[_LETTERS], symbol
        # By the difference of two bytes, which goes round at 256.
        self._taken = tuple(
            [symbols[sign * ((byte ^ 128) - 128) % _LETTERS] for byte in range(256)] for sign in (1, -1)
        )
        self._steps = tuple(np.array(taken, np.uint64) for taken in self._taken)

    def may_spell(self, words: Sequence[str], singles: str) -> bool:
        """`singles`: letters, each of them a word by itself."""
        text = "".join((*words, singles))
        if not text or not self._tables:
            return False
        letters, begins = _codes(text), _begins(words, len(singles))
        if text.isascii() and text.isalpha():
            others = None
        else:
            others = self._others(letters)
            if self._any_follows(letters, others, begins):
                return True
            begins = begins[(letters[begins] >= _A) & (letters[begins] <= _Z)]
        plain, mirrored = (self._entering(letters, steps, others) for steps in self._steps)
        steps = np.concatenate((plain, _GAP, mirrored, _END))
        return self._finds(steps, np.concatenate((begins, begins + len(letters))))

    def _others(self, letters: Codes) -> Hashes:
        """The symbols of all signs that are no letters of the alphabet."""
        found = np.zeros(len(letters), dtype=np.uint64)
        at = ((letters < _A) | (letters > _Z)).nonzero()[0]
        different, which = np.unique(letters[at], return_inverse=True)
        symbols = np.array([self._symbol(chr(code)) for code in different.tolist()], dtype=np.uint64)
        found[at] = symbols[which] if len(at) else 0
        return found

    def _entering(self, letters: Codes, steps: Hashes, others: Hashes | None) -> Hashes:
        """The symbol of each letter after the first. What is no letter of the alphabet is no step, and passed
        over by the next one.
        """
        if others is None:
            return steps.take(letters[1:] - letters[:-1])
        found = others.copy()
        at = ((letters >= _A) & (letters <= _Z)).nonzero()[0]
        found[at[1:]] = steps[(letters[at[1:]] - letters[at[:-1]]).astype(np.uint8)]
        return found[1:]

    def _any_follows(self, letters: Codes, others: Hashes, begins: Starts) -> bool:
        """Whether what begins with another sign spells anything: most of it ends after a few."""
        begins = begins[(letters[begins] < _A) | (letters[begins] > _Z)]
        if not len(begins):
            return False
        is_other = (letters < _A) | (letters > _Z)
        for table in self._tables:
            for one in _may_open(table, others, is_other, begins).tolist():
                said, symbols = letters[one : one + table.longest], others[one : one + table.longest]
                if self._follows(table, said.tolist(), symbols.tolist()):
                    return True
        return False

    def _follows(self, table: PatternTable, letters: Sequence[int], others: Sequence[int]) -> bool:
        """Whether a string of either sign is there: to the second letter they are the same."""
        return any(self._followed(table, letters, others, taken) for taken in self._taken)

    def _followed(
        self, table: PatternTable, letters: Sequence[int], others: Sequence[int], taken: Sequence[int]
    ) -> bool:
        digest, before = 0, None
        for count, (letter, other) in enumerate(zip(letters, others, strict=True), 1):
            symbol = other
            if _A <= letter <= _Z:
                symbol = self._first if before is None else taken[(letter - before) % 256]
                before = letter
            digest = (digest * table.base + symbol) & MASK
            if count in table.lengths and table.owners(count, digest):
                return True
            if not table.can_grow(count, digest):
                return False
        return False

    def _finds(self, steps: Hashes, begins: Starts) -> bool:
        """Whether anything is spelled from one of these letters on."""
        opened: dict[int, Hashes] = {}
        for table in self._tables:
            opening = min(_OPENING, table.lengths[0])
            if (digest := opened.get(opening)) is None:
                digest = opened[opening] = self._opened(table, opening, steps, begins)
            opened_at = _may_begin(table, opening, digest)
            if len(opened_at) > _FEW and table.lengths[0] > _OPENING + _MORE:
                opened_at = _may_go_on(table, opened_at, digest, begins, steps)
            for one in opened_at:
                if _spells(table, int(digest[one]), int(begins[one]), opening, steps):
                    return True
        return False

    def _opened(self, table: PatternTable, opening: int, steps: Hashes, begins: Starts) -> Hashes:
        """The digest of the first letters from each of these on."""
        first = np.uint64(self._first * table.powers[opening - 1] & MASK)
        if opening == 1:
            return np.full(len(begins), first)
        return digests(steps, opening - 1, table.base)[begins] + first


def _codes(text: str) -> Codes:
    if text.isascii():
        return np.frombuffer(text.lower().encode(), dtype=np.uint8)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.where((codes >= ord("A")) & (codes <= ord("Z")), codes + np.uint32(32), codes)


def _may_open(table: PatternTable, others: Hashes, is_other: NDArray[np.bool_], begins: Starts) -> Starts:
    """From which of these signs on a string may begin, told by the first few, up to a letter."""
    digest, kept = others[begins], [begins[:0]]
    for count in range(1, min(_SIGNS, table.longest) if not table.reveal else 1):
        kept.append(begins[bloom.held(table.whole[count], digest)])
        may = bloom.held(table.grow[count], digest)
        begins, digest = begins[may], digest[may]
        goes_on = begins + count < len(others)
        goes_on[goes_on] = is_other[begins[goes_on] + count]
        kept.append(begins[~goes_on])
        begins, digest = begins[goes_on], digest[goes_on]
        if not len(begins):
            break
        digest = digest * np.uint64(table.base) + others[begins + count]
    return np.concatenate((*kept, begins))


def _begins(words: Sequence[str], singles: int) -> Starts:
    """Where each word begins when they stand without a space, and each of the single letters behind them."""
    # No unit is longer than a byte counts.
    begins = np.concatenate(
        (_BEGIN, np.frombuffer(bytes(map(len, words)), np.uint8), np.ones(singles, np.uint8))
    )
    return begins[:-1].cumsum(dtype=np.intp)


def _may_begin(table: PatternTable, opening: int, digest: Hashes) -> list[int]:
    begins: list[int] = bloom.held(table.grow[opening], digest).tolist()
    if opening in table.lengths:
        begins += bloom.held(table.whole[opening], digest).tolist()
    return begins


def _may_go_on(
    table: PatternTable, opened: Sequence[int], digest: Hashes, begins: Starts, steps: Hashes
) -> list[int]:
    """Which of these openings may go on for some letters more: all at once, where no string ends before."""
    places = np.array(opened)
    onwards = steps[begins[places][:, None] + _ONWARDS] @ weights(_MORE, table.base)
    longer = digest[places] * np.uint64(table.powers[_MORE]) + onwards
    kept: list[int] = places[bloom.held(table.grow[_OPENING + _MORE], longer)].tolist()
    return kept


def _spells(table: PatternTable, digest: int, begin: int, count: int, steps: Hashes) -> bool:
    """Whether what begins at this letter comes to an end."""
    at = begin + count - 1
    while not table.owners(count, digest):
        if at >= len(steps) or not table.can_grow(count, digest):
            return False
        digest = (digest * table.base + int(steps[at])) & MASK
        count, at = count + 1, at + 1
    return True
