"""Finds in a prompt what it tells about somebody: the right kind of value that is nearest to the name.

Parts are tried from the narrowest to the widest, so that a paragraph about the person comes before the whole
conversation. Pieces that were cut over messages are put together by whoever calls.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from evaluation import vocabulary
from evaluation.accomplice.memory import Memory
from evaluation.accomplice.names import Mention, mentions
from evaluation.person import Attribute


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    listed = "|".join(word.replace(" ", r"\s+") for word in words)
    return re.compile(rf"\b(?:{listed})\b", re.IGNORECASE)


_VALUES: Final[Mapping[Attribute, re.Pattern[str]]] = MappingProxyType(
    {
        Attribute.BIRTHPLACE: _any_of(vocabulary.TOWNS),
        Attribute.YEAR: re.compile(r"(?<![\w-])(?:1[89]|20)\d\d(?![\w-])"),
        Attribute.TRADE: _any_of(vocabulary.TRADES),
        Attribute.GENRE: _any_of(vocabulary.GENRES),
        Attribute.BOOK: re.compile(
            rf"\bThe\s+(?:{'|'.join(vocabulary.BOOK_ADJECTIVES)})\s+(?:{'|'.join(vocabulary.BOOK_NOUNS)})\b",
            re.IGNORECASE,
        ),
        Attribute.PHONE: re.compile(r"\b\d{3}[-. ]?\d{3}[-. ]?\d{4}\b"),
    }
)


def values(text: str, attribute: Attribute) -> Iterator[re.Match[str]]:
    """Everything in the text that could be such a value."""
    return _VALUES[attribute].finditer(text)


def read_fact(contexts: Sequence[str], name: str, attribute: Attribute, memory: Memory) -> str | None:
    """What the first of these texts that tells it says; None when none does."""
    for text in (*_sentences_about(contexts, name), *contexts):
        if found := _nearest(text, name, attribute, memory):
            return " ".join(found.split())
    return None


def _sentences_about(contexts: Iterable[str], name: str) -> Iterator[str]:
    """Single sentences that hold the whole name."""
    for text in contexts:
        if name in text:
            yield from (one for one in re.split(r"(?<=[.?!])\s+", text) if name in one)


def _nearest(text: str, name: str, attribute: Attribute, memory: Memory) -> str | None:
    named = _named(text, memory)
    if named and not any(one.name == name for one in named):
        return None
    told = [(_owner(found.span(), named, name), found[0]) for found in values(text, attribute)]
    mine = [(far, value) for (owner, far), value in told if owner == name]
    return min(mine, default=(0, None), key=lambda one: one[0])[1]


def _owner(span: tuple[int, int], named: list[Mention], name: str) -> tuple[str, int]:
    """Whom a value belongs to, and how far off the name is. A text without names is about the one asked."""
    nearest = [(max(one.start - span[1], span[0] - one.end, 0), one.name) for one in named]
    far, owner = min(nearest, default=(0, name))
    return owner, far


def _named(text: str, memory: Memory) -> list[Mention]:
    """Full names, and surnames alone of people whose full name stands there too."""
    full = mentions(text, memory)
    for name in dict.fromkeys(one.name for one in full):
        surname = name.split()[-1]
        alone = re.finditer(rf"\b{re.escape(surname)}\b", text) if len(surname) > 1 else ()
        full += [Mention(name, *found.span()) for found in alone]
    return full
