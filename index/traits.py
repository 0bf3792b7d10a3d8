"""Which tables a word matters to: nearly every word to none, and then none is asked about it again.

Rule: in doubt a word matters. A word is asked about once, when it is first met; so a text costs one look-up a
word for all tables together. What is remembered depends on words alone, never on who said them: how long a
word takes tells no more than the tables' own gates, which a word of something forgotten passes as well.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from index.misspelled import Misspelled
from index.pair_table import PairTable
from index.pattern_table import PatternTable
from index.rolling import MOST_KNOWN, WordHash

# What a word may do: begin a phrase, be a word of a loosely written name, stand in a pair of a passage.
BEGINS, NAMES, TELLS = 1, 2, 4


class Traits(dict[str, int]):
    """By word, the bits of what it may do."""

    __slots__ = ("_names", "_pairs", "_phrases", "_word_hash")

    def __init__(
        self, phrases: PatternTable, names: Misspelled, pairs: PairTable, word_hash: WordHash
    ) -> None:
        super().__init__()
        self._phrases, self._names, self._pairs, self._word_hash = phrases, names, pairs, word_hash

    def __missing__(self, word: str) -> int:
        if len(self) >= MOST_KNOWN:
            self.clear()
        found = self[word] = self._of(word)
        return found

    def together(self, words: Iterable[str]) -> int:
        """What any of these words may do."""
        return reduce(or_, set(map(self.__getitem__, words)), 0)

    def _of(self, word: str) -> int:
        digest = self._word_hash(word)
        return (
            BEGINS * self._begins(digest)
            | NAMES * (self._names[word] is not None)
            | TELLS * self._pairs.words.may_hold(digest)
        )

    def _begins(self, digest: int) -> bool:
        """The gate knows the first words, where none of a phrase is revealed."""
        phrases = self._phrases
        if phrases.gate is None or phrases.reveal:
            return bool(phrases.lengths)
        return phrases.gate.may_hold(digest)
