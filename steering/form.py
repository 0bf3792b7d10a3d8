"""What a token says on the canonical fold, as far as its units go.

Rule: putting the forms of a text's pieces together gives the units that `index.units` reads in the whole text
(tested). So a token is read once, when the vocabulary is made, and never again while it is said.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from index.fold import APOSTROPHE, fold
from index.units import LONGEST, Unit, stands_alone, units

_PLAIN = re.compile(r"( ?)([A-Za-z]{1,32})")


class Lead(IntEnum):
    """How a piece begins: it goes on with an open unit, so does it behind an apostrophe, or it closes it."""

    GOES_ON = 0
    APOSTROPHE = 1
    CLOSES = 2


class Tail(IntEnum):
    """How it ends: its last unit is open, open with an apostrophe behind it, or closed."""

    OPEN = 0
    APOSTROPHE = 1
    CLOSED = 2


@dataclass(frozen=True, slots=True)
class Form:
    """`capitals`: for each unit whether its first letter is upper case; None where it has only digits."""

    lead: Lead
    units: tuple[str, ...]
    capitals: tuple[bool | None, ...]
    tail: Tail

    @property
    def says_nothing(self) -> bool:
        return self.lead is Lead.GOES_ON and not self.units


SILENT = Form(Lead.GOES_ON, (), (), Tail.OPEN)


def form_of(text: str) -> Form:
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        word = plain[2]
        return Form(Lead.CLOSES if plain[1] else Lead.GOES_ON, (word.lower(),), (word[0] < "a",), Tail.OPEN)
    folded = fold(text)
    if not folded:
        return SILENT
    read = units(text)
    capitals = tuple(unit.capital if re.search(r"\D", unit.text) else None for unit in read)
    return Form(_lead(folded), tuple(unit.text for unit in read), capitals, _tail(folded, read))


def _lead(folded: str) -> Lead:
    first, second = folded[0], folded[1:2]
    if _joins(first):
        return Lead.GOES_ON
    # Two apostrophes in a row, or one before anything that is no letter, close a unit.
    if first == APOSTROPHE and (not second or _joins(second)):
        return Lead.APOSTROPHE
    return Lead.CLOSES


def _tail(folded: str, read: list[Unit]) -> Tail:
    # A unit of the greatest length is closed before anything follows.
    if not read or len(read[-1].text) == LONGEST:
        return Tail.CLOSED
    if _joins(folded[-1]):
        return Tail.OPEN
    if folded[-1] == APOSTROPHE and _joins(folded[-2:-1]):
        return Tail.APOSTROPHE
    return Tail.CLOSED


def _joins(character: str) -> bool:
    return character.isalnum() and not stands_alone(character)
