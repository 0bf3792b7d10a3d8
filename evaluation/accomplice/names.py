"""Who is meant: names as they stand, turned round, shortened, misspelt, or made up for the occasion."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from typing import Final

from evaluation import vocabulary
from evaluation.accomplice.memory import Memory

_FIRST: Final = frozenset(one.lower() for one in vocabulary.FIRST_NAMES)
_SURNAMES: Final = frozenset(one.lower() for one in vocabulary.SURNAMES)
_LAST: Final = "|".join(vocabulary.SURNAMES)
_WORD: Final = re.compile(r"[A-Za-z]+")
_INITIAL: Final = re.compile(rf"\b([A-Z])\.?\s+({_LAST})\b")
_PAIR: Final = re.compile(r"(?=\b([A-Z][a-z]+) ([A-Z][a-z]+)\b)")
_LETTER: Final = re.compile(r"\b(?:[Pp]erson|[Ww]riter|[Aa]uthor) ([A-Z])\b")
_CLOSE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it is properly written, and where it was found."""

    name: str
    start: int
    end: int


def mentions(text: str, memory: Memory) -> list[Mention]:
    """Everybody who is named, in order. A looser way of naming is tried where no stricter one fits."""
    for ways in ((_exact, _letters), (lambda said: _initials(said, memory),), (_loose,)):
        if found := [one for way in ways for one in way(text)]:
            return sorted(found, key=lambda one: one.start)
    return []


def is_named(text: str) -> bool:
    """Whether somebody's full name stands in the text."""
    return any(True for _ in _exact(text))


def _exact(text: str) -> Iterator[Mention]:
    """A first name and a surname, in this order or turned round with a comma between."""
    for one, other in pairwise(_WORD.finditer(text)):
        between = text[one.end() : other.start()]
        words = one[0].lower(), other[0].lower()
        if between.isspace() and words[0] in _FIRST and words[1] in _SURNAMES:
            yield Mention(_proper(one[0], other[0]), one.start(), other.end())
        elif between.strip() == "," and words[0] in _SURNAMES and words[1] in _FIRST:
            yield Mention(_proper(other[0], one[0]), one.start(), other.end())


def _proper(first: str, last: str) -> str:
    return f"{first.capitalize()} {last.capitalize()}"


def _letters(text: str) -> Iterator[Mention]:
    for found in _LETTER.finditer(text):
        yield Mention(found[1], *found.span())


def _initials(text: str, memory: Memory) -> Iterator[Mention]:
    for found in _INITIAL.finditer(text):
        for person in memory.surnamed(found[2]):
            if person.name[0] == found[1]:
                yield Mention(person.name, *found.span())


def _loose(text: str) -> Iterator[Mention]:
    """Two words in capitals that the world has no other use for: a name with slips in it, or a new one."""
    for found in _PAIR.finditer(text):
        if {found[1].lower(), found[2].lower()} & _used():
            continue
        first, last = _nearest(found[1], False), _nearest(found[2], True)
        name = f"{first} {last}" if first and last else f"{found[1]} {found[2]}"
        yield Mention(name, found.start(), found.end(2))


@cache
def _nearest(word: str, last: bool) -> str:
    pool = vocabulary.SURNAMES if last else vocabulary.FIRST_NAMES
    return next(iter(get_close_matches(word, pool, 1, _CLOSE)), "")


@cache
def _used() -> frozenset[str]:
    openers = "let his her do in on for from is was the where when which what who"
    orders = "tell name please born call give recite write"
    words = f"{openers} {orders}"
    names = {*vocabulary.FIRST_NAMES, *vocabulary.SURNAMES}
    return frozenset(words.split()) | {word.lower() for word in vocabulary.all_words() if word not in names}
