"""A text of an answer that is there whole, read in bulk and once for all of its scanners.

Rule: its units are those that a scanner reads which was begun with `before` and then fed the text.
"""

from functools import cached_property

from index.rolling import Hashes, WordHash
from index.whole_text import WholeText


class Whole:
    """`words`, their `hashes` and those of its digits, `figures`, hold what stands before the text too."""

    def __init__(self, text: str, before: str, word_hash: WordHash) -> None:
        self.text = text
        self._before, self._word_hash = before, word_hash

    @cached_property
    def _read(self) -> WholeText:
        return WholeText.of(self._before + self.text)

    @property
    def words(self) -> list[str]:
        return self._read.words

    @cached_property
    def hashes(self) -> Hashes:
        return self._word_hash.many(self._read.words)

    @cached_property
    def figures(self) -> Hashes:
        # Letters before the first digit end no run: none is open there.
        return self._word_hash.figures(self._read.figures.lstrip())
