"""The tokens of a vocabulary by the unit that they say first, so that no step ever looks at all of them.

Rule: a token that begins in the middle of a character says something else after each beginning of one, so
such tokens have lists of their own for each beginning; the ends and special tokens are in no list.
"""

from codecs import getincrementaldecoder
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from index.units import LONGEST, digits
from steering.form import SILENT, Form, Lead, Tail, form_of
from steering.vocabulary import Vocabulary

Ids = tuple[int, ...]
_NONE: Ids = ()
# Of so many beginnings of characters the lists are kept.
MOST_KEPT = 256
_decoder = getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class Said:
    """What a token says, with a space for letters between its digits, and the bytes of an unfinished
    character that it ends in.
    """

    form: Form
    figures: str
    rest: bytes


@dataclass(frozen=True, slots=True)
class Heads:
    """By lead and first unit: `exact` are all such tokens, `begun` those that say nothing more and may go on,
    `longer` those that say more units. `figures`: by the digits that a token begins with.
    """

    exact: tuple[Mapping[str, Ids], ...]
    begun: tuple[Mapping[str, Ids], ...]
    longer: tuple[Mapping[str, Ids], ...]
    figures: Mapping[str, Ids]
    said: Mapping[int, Said]

    @property
    def says(self) -> bool:
        """Whether any of the tokens says a unit."""
        return any(self.exact)


class Plain(NamedTuple):
    """What nearly all tokens are: a word, or the end of one, of letters alone."""

    joins: bool
    unit: str
    capital: bool | None


class Tokens:
    """`said`: by token id, read at the beginning of a character; `plain`, what is quickly told of it.
    `whole`: the lists of the tokens that begin with one. `digits` is the most digits that a token has.
    """

    __slots__ = ("_after", "_broken", "_vocabulary", "digits", "most_units", "plain", "said", "whole")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.said = [said_by(piece) for piece in vocabulary.pieces]
        self.plain = [_plain(said) for said in self.said]
        listed = [number for number in range(vocabulary.size) if number not in vocabulary.special]
        self._broken = tuple(number for number in listed if _is_broken(vocabulary.pieces[number]))
        broken = set(self._broken)
        self.whole = _heads({n: self.said[n] for n in listed if n not in broken})
        # A character that one token ends may be a unit by itself, before the others that it says.
        self.most_units = max((len(said.form.units) for said in self.said), default=0) + 1
        self.digits = max((len(said.figures) for said in self.said), default=0)
        self._after: OrderedDict[bytes, Heads] = OrderedDict()

    @property
    def forms(self) -> list[Form]:
        """By token id."""
        return [said.form for said in self.said]

    def say(self, number: int, before: bytes) -> Said:
        if not before:
            return self.said[number]
        return said_by(self._vocabulary.pieces[number], before)

    def text(self, number: int, before: bytes) -> str:
        return _decode(self._vocabulary.pieces[number], before)[0]

    def after(self, before: bytes) -> Heads:
        """The tokens that begin inside a character, behind these bytes of it."""
        found = self._after.get(before)
        if found is None:
            found = self._after[before] = _heads({n: self.say(n, before) for n in self._broken})
            if len(self._after) > MOST_KEPT:
                self._after.popitem(last=False)
        return found


def said_by(piece: bytes, before: bytes = b"") -> Said:
    if not piece:
        return Said(SILENT, "", before)
    text, rest = _decode(piece, before)
    return Said(form_of(text), _figures(text), rest)


def _decode(piece: bytes, before: bytes) -> tuple[str, bytes]:
    decoder = _decoder("replace")
    decoder.setstate((before, 0))
    text = decoder.decode(piece)
    return text, decoder.getstate()[0]


def _figures(text: str) -> str:
    """Behind a digit, as it may be the middle of a run."""
    if text.isascii() and text.isalpha():
        return " "
    return "".join(unit.text or " " for unit in digits("0" + text)[1:])


def _plain(said: Said) -> Plain | None:
    form = said.form
    if len(form.units) != 1 or form.tail is not Tail.OPEN or said.figures != " " or said.rest:
        return None
    if form.lead is Lead.APOSTROPHE or len(form.units[0]) >= LONGEST:
        return None
    return Plain(form.lead is Lead.GOES_ON, form.units[0], form.capitals[0])


def _is_broken(piece: bytes) -> bool:
    return bool(piece) and 0x80 <= piece[0] < 0xC0


def _heads(said: Mapping[int, Said]) -> Heads:
    parts: tuple[tuple[dict[str, list[int]], ...], ...] = tuple(({}, {}, {}) for _ in range(3))
    figures: dict[str, list[int]] = {}
    for number, one in said.items():
        form = one.form
        if form.units:
            for part in _parts(form):
                parts[part][form.lead].setdefault(form.units[0], []).append(number)
        run = one.figures.split(" ")[0]
        for size in range(1, len(run) + 1):
            figures.setdefault(run[:size], []).append(number)
    exact, begun, longer = (tuple(map(_settled, part)) for part in parts)
    return Heads(exact, begun, longer, _settled(figures), said)


def _parts(form: Form) -> Iterable[int]:
    yield 0
    if len(form.units) > 1:
        yield 2
    elif form.tail is not Tail.CLOSED:
        yield 1


def _settled(found: dict[str, list[int]]) -> dict[str, Ids]:
    return {text: tuple(numbers) for text, numbers in found.items()}
