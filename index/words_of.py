"""The words of many texts at once, one text behind the other, with what is known of each word.

Rule: what a word is worth is worked out once, however often it is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.bits import word_bits
from index.rolling import Hashes, WordHash
from index.whole_text import WholeText

# When so many different words are known, all are forgotten: no book has as many.
MOST_KNOWN = 1 << 19

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """`said`: all words in order; `ends`: where each text's words end. The other arrays have a row a word."""

    said: Sequence[str]
    ends: Places
    hashes: Hashes
    bits: NDArray[np.float64]
    sizes: Places

    @property
    def starts(self) -> Places:
        return np.concatenate((np.zeros(1, dtype=np.int64), self.ends[:-1]))[: len(self.ends)]

    @property
    def counts(self) -> Places:
        return self.ends - self.starts

    @property
    def texts(self) -> Places:
        """For each word the number of its text."""
        return np.repeat(np.arange(len(self.ends)), self.counts)


class Vocabulary:
    """Words by number, in the order in which they were met."""

    __slots__ = ("_bits", "_hashes", "_numbers", "_sizes", "_word_hash")

    def __init__(self, key: bytes) -> None:
        self._word_hash = WordHash(key)
        self._forget()

    def _forget(self) -> None:
        self._numbers = _Numbers()
        self._hashes = np.empty(0, dtype=np.uint64)
        self._bits = np.empty(0, dtype=np.float64)
        self._sizes = np.empty(0, dtype=np.int64)

    def read(self, texts: Iterable[str]) -> Words:
        return self.words([WholeText.of(text).words for text in texts])

    def words(self, texts: Sequence[Sequence[str]]) -> Words:
        """Of texts that are words already."""
        if len(self._numbers) > MOST_KNOWN:
            self._forget()
        said = [word for text in texts for word in text]
        numbers = np.fromiter(map(self._numbers.__getitem__, said), dtype=np.int64, count=len(said))
        self._learn()
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        return Words(said, ends, self._hashes[numbers], self._bits[numbers], self._sizes[numbers])

    def _learn(self) -> None:
        new, self._numbers.new = self._numbers.new, []
        self._hashes = np.concatenate((self._hashes, self._word_hash.many(new)))
        self._bits = np.concatenate((self._bits, np.array(list(map(word_bits, new)), dtype=np.float64)))
        self._sizes = np.concatenate((self._sizes, np.array(list(map(len, new)), dtype=np.int64)))


class _Numbers(dict[str, int]):
    __slots__ = ("new",)

    def __init__(self) -> None:
        super().__init__()
        self.new: list[str] = []

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        self.new.append(word)
        return number
