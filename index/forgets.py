"""What entries forget, as keyed hashes of words: no retain text and no innocent text may say it.

Rule: forgetting wins over keeping, also where what must be kept came first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.negatives import is_forgotten
from index.plain_words import plain_words
from index.rolling import WordHash
from policy.entry import Entry

Hashed = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forgets:
    questions: frozenset[Hashed]
    subjects: frozenset[Hashed]

    @classmethod
    def of(cls, entries: Sequence[Entry], names: Sequence[Sequence[str]], key: bytes) -> "Forgets":
        hashed = WordsHash(key)
        return cls(
            frozenset(hashed(pair.question) for entry in entries for pair in entry.questions),
            frozenset(hashed(name) for group in names for name in group),
        )

    @classmethod
    def together(cls, some: Sequence["Forgets"]) -> "Forgets":
        questions = frozenset().union(*(one.questions for one in some))
        return cls(questions, frozenset().union(*(one.subjects for one in some)))

    def names(self, words: Hashed) -> bool:
        return is_forgotten(words, self.questions, self.subjects)


class WordsHash:
    """The keyed hashes of a text's words, in order."""

    def __init__(self, key: bytes) -> None:
        self._word = WordHash(key)

    def __call__(self, text: str) -> Hashed:
        return tuple(map(self._word, plain_words(text)))
