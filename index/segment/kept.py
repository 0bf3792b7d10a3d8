"""The texts that must keep working, read once for all that is compiled beside them."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from index.pair_builder import innocent_pairs
from index.phrases import PlainPhrase, holding
from index.rolling import Hashes, WordHash
from index.sorting import distinct
from index.whole_text import WholeText
from index.words_of import Vocabulary


class Kept:
    """`texts` maps each to its source. Windows by their length, pairs and words are found when asked for."""

    def __init__(self, texts: Mapping[str, str], key: bytes) -> None:
        self._key = key
        self._word_hash = WordHash(key)
        read = [WholeText.of(text) for text in texts]
        self.words: list[list[str]] = [each.words for each in read]
        self._figures = [each.figures for each in read]
        self._sources = list(texts.values())
        self._read = Vocabulary(key).words(self.words)
        self._windows: dict[int, Hashes] = {}

    @property
    def sources(self) -> int:
        return len(set(self._sources))

    def windows(self, size: int) -> Hashes:
        """The sorted digests of all such sequences."""
        if size not in self._windows:
            self._windows[size] = self._of_size(size)
        return self._windows[size]

    def _of_size(self, size: int) -> Hashes:
        hashes, base = self._read.hashes, np.uint64(self._word_hash.base)
        last = np.repeat(self._read.ends, self._read.counts)
        starts = np.flatnonzero(np.arange(len(hashes)) + size <= last)
        rolled = np.zeros(len(starts), dtype=np.uint64)
        for place in range(size):
            rolled = rolled * base + hashes[starts + place]
        return distinct(rolled)

    @cached_property
    def pairs(self) -> Hashes:
        return innocent_pairs(self._read)

    def holders(self, phrases: Sequence[PlainPhrase]) -> dict[int, set[str]]:
        """For the places of phrases that stand in these texts: the sources of those texts."""
        if not phrases:
            return {}
        begins, ends = self._read.starts.tolist(), self._read.ends.tolist()
        said = (self._read.hashes[begin:end] for begin, end in zip(begins, ends, strict=True))
        figures = map(self._word_hash.figures, self._figures)
        return holding(phrases, zip(said, figures, self._sources, strict=True), self._key)
