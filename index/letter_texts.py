"""The letters of many passages, written in four ways, and the steps from letter to letter in each: onwards,
every word turned round, the words in the other order, all of it backwards.

A step leads from the last letter of the alphabet before; any other sign has a symbol of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.letters import ALPHABET
from index.rolling import Hashes, WordHash
from index.words_of import Places, Words

ONWARDS, TURNED, OTHER_ORDER, BACKWARDS = range(4)
_A, _Z = ord("a"), ord("z")


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """`steps`: of each letter of the four texts, one text behind the other, the number of its symbol in
    `symbols`. `next_letter`: where the next letter of the alphabet is; None: everywhere. `digits`: how many
    digits stand before each place.
    """

    words: Words
    codes: NDArray[np.uint32]
    steps: NDArray[np.uint16]
    symbols: Hashes
    next_letter: Places | None
    digits: Places | None
    word_starts: Places
    text_starts: Places
    letters: Places

    @staticmethod
    def of(words: Words, symbols: list[int], word_hash: WordHash) -> "LetterTexts":
        ends = np.cumsum(words.sizes)
        all_ends = np.concatenate((np.zeros(1, dtype=np.int64), ends))
        text_starts, text_ends = all_ends[words.starts], all_ends[words.ends]
        codes = _four_ways(words, ends, text_starts + text_ends)
        is_letter = (codes >= _A) & (codes <= _Z)
        plain = bool(is_letter.all())
        others = np.empty(0, np.uint32) if plain else np.unique(codes[~is_letter])
        added = [word_hash.of(f"+{chr(code)}") for code in others.tolist()]
        return LetterTexts(
            words,
            codes,
            _steps(codes, None if plain else is_letter, others),
            np.array([*symbols, *added], dtype=np.uint64),
            None if plain else _next(is_letter),
            None if plain else _digits(codes, others),
            ends - words.sizes,
            text_starts,
            text_ends - text_starts,
        )

    def begins(self, chosen: Places, sizes: Places) -> tuple[Places, NDArray[np.bool_]]:
        """Where in the four texts the strings begin that begin with these words, and which of them have so
        many letters. A text without more letters is one string, whatever the order of its words.
        """
        text = self.words.texts[chosen]
        start, length = self.text_starts[text], self.letters[text]
        onwards = self.word_starts[chosen]
        turned = 2 * start + length - onwards - self.words.sizes[chosen]
        turned = np.where(length == sizes, start, turned)
        begins = np.stack((onwards, onwards, turned, turned))
        fits = begins + sizes <= start + length
        fits[OTHER_ORDER:] &= (length > sizes) | (onwards == start)
        whole = len(self.codes) // 4
        return begins + whole * np.arange(4)[:, None], fits

    def symbols_of(self, begins: Places, size: int) -> Hashes:
        """A column of so many symbols for each string."""
        made = np.empty((size, len(begins)), dtype=np.uint64)
        first = None if self.next_letter is None else self.next_letter[begins]
        for place, row in enumerate(made):
            at = begins + place
            self.symbols.take(self.steps[at], out=row)
            if first is not None:
                row[at == first] = self.symbols[ALPHABET]
        if first is None:
            made[0] = self.symbols[ALPHABET]
        return made

    def told(self, begins: Places, sizes: Places) -> Hashes:
        """Of each string: its first letter, and how many letters and digits it has, as a row packs them."""
        first = self.codes[begins].astype(np.int64) - _A
        first[(first < 0) | (first >= ALPHABET)] = ALPHABET
        digits = np.zeros_like(begins)
        if self.digits is not None:
            digits = self.digits[begins + sizes] - self.digits[begins]
        backwards = begins >= BACKWARDS * (len(self.codes) // 4)
        packed = first << 32 | 1 << 37 | backwards.astype(np.int64) << 38
        return (packed | (sizes - digits) << 39 | digits << 45).astype(np.uint64)


def _four_ways(words: Words, ends: Places, text_middles: Places) -> NDArray[np.uint32]:
    text = "".join(words.said)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.arange(len(codes))
    starts = ends - words.sizes
    turned, other_order = codes.copy(), codes.copy()
    turned[np.repeat(starts + ends - 1, words.sizes) - places] = codes
    middles = text_middles[words.texts]
    other_order[np.repeat(middles - ends - starts, words.sizes) + places] = codes
    backwards = codes.copy()
    backwards[np.repeat(middles - 1, words.sizes) - places] = codes
    return np.concatenate((codes, turned, other_order, backwards))


def _steps(
    codes: NDArray[np.uint32], is_letter: NDArray[np.bool_] | None, others: NDArray[np.uint32]
) -> NDArray[np.uint16]:
    if not len(codes):
        return np.empty(0, dtype=np.uint16)
    if is_letter is None:
        before = np.concatenate((codes[:1], codes[:-1]))
        return _apart(codes, before)
    last = np.maximum.accumulate(np.where(is_letter, np.arange(len(codes)), 0))
    before = codes[np.concatenate((last[:1], last[:-1]))]
    steps = _apart(codes, before)
    other = np.searchsorted(others, codes[~is_letter]) + ALPHABET + 1
    steps[~is_letter] = other.astype(np.uint16)
    return steps


def _apart(codes: NDArray[np.uint32], before: NDArray[np.uint32]) -> NDArray[np.uint16]:
    steps: NDArray[np.uint16] = ((codes + np.uint32(ALPHABET) - before) % ALPHABET).astype(np.uint16)
    return steps


def _next(is_letter: NDArray[np.bool_]) -> Places:
    """For each place where the next letter of the alphabet is; far away where there is none."""
    count = len(is_letter)
    places = np.where(is_letter, np.arange(count), count)
    found: Places = np.minimum.accumulate(places[::-1])[::-1]
    return found


def _digits(codes: NDArray[np.uint32], others: NDArray[np.uint32]) -> Places:
    decimal = others[[chr(code).isdecimal() for code in others.tolist()]]
    before: Places = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(np.isin(codes, decimal), out=before[1:])
    return before
