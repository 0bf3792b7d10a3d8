"""Texts as the tokens of one model, ready to be learnt.

Rule: the words of a name are read and not learnt. Who is asked about may be named; what is said about them
is what must not come.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

from index.sentences import sentences
from steering.vocabulary import Vocabulary, tokenizer_of

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Read:
    """One text. `targets`: for each token whether it is to be foretold."""

    tokens: tuple[int, ...]
    targets: tuple[bool, ...]


class Reader:
    """Reads with the tokenizer in a model's folder."""

    def __init__(self, tokenizer: Any, size: int) -> None:
        self._tokenizer, self.size = tokenizer, size

    @classmethod
    def load(cls, folder: Path, vocabulary: Vocabulary) -> Self:
        """The tokenizer that the vocabulary was read from. Raises VocabularyError."""
        return cls(tokenizer_of(folder), vocabulary.size)

    def tokens(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def read(self, text: str, names: "Names") -> Iterator[Read]:
        """The whole text, and each of its sentences as if an answer began there."""
        spans = sentences(text)
        yield self._read(text, names)
        if len(spans) > 1:
            yield from (self._read(text[span.start : span.end], names) for span in spans)

    def _read(self, text: str, names: "Names") -> Read:
        coded = self._tokenizer.encode(text, add_special_tokens=False)
        inside = names.places(text)
        targets = tuple(not any(inside[first:last]) for first, last in coded.offsets)
        return Read(tuple(coded.ids), targets)


class Names:
    """The words of some names, however they are put together and capitalised."""

    def __init__(self, names: Sequence[str]) -> None:
        self._words = set(chain.from_iterable(words(name.casefold()) for name in names))

    def __contains__(self, word: str) -> bool:
        return word.casefold() in self._words

    def places(self, text: str) -> list[bool]:
        """For each character whether it belongs to a name."""
        inside = [False] * len(text)
        for found in _WORD.finditer(text):
            if found.group().removesuffix("'s").removesuffix("’s") in self:
                inside[found.start() : found.end()] = [True] * (found.end() - found.start())
        return inside


def words(text: str) -> list[str]:
    return _WORD.findall(text)
