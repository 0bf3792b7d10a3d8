"""A string that a program puts together, and what can be done to one: joined, filled in, cut, replaced.

Rule: every character knows where the one that it comes from stands, and nothing is longer than a few
sentences.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from filters.codecs.program_tokens import Token

LONGEST = 1000
_HOLE = re.compile(r"\$?\{\s*(\w*)\s*\}|%s|\$(\w+)")

Piece = tuple[str, tuple[int, ...]]
Pieces = tuple[Piece, ...]


class Made(NamedTuple):
    """Pieces in their order, each a text and where its characters stand. `made`: it does not stand there."""

    pieces: Pieces
    made: bool = False

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)[:LONGEST]

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(place for _, places in self.pieces for place in places)[:LONGEST]

    def whole(self) -> "Made":
        return Made(((self.text, self.places),), self.made)

    def cut(self, part: slice) -> "Made":
        if len(self.pieces) > 1:
            return Made(self.pieces[part], True)
        return Made(((self.text[part], self.places[part]),), True)


NOTHING = Made(())


def filled(made: Made, known: Mapping[str, Made], values: Sequence[Piece]) -> Made:
    """Its holes filled in: in order, or with what their names stand for."""
    form, left = made.whole(), iter(values)
    text, places = form.text, form.places
    pieces: list[Piece] = []
    at = 0
    for hole in _HOLE.finditer(text):
        name = hole[1] or hole[2]
        value = known[name].whole().pieces[0] if name in known else next(left, None)
        if value is not None:
            pieces += ((text[at : hole.start()], places[at : hole.start()]), value)
            at = hole.end()
    if not pieces:
        return made
    return Made((*pieces, (text[at:], places[at:])), True).whole()


def literal(text: str, start: int) -> Made:
    return Made(((text, tuple(range(start, start + len(text)))),))


def string(token: Token) -> Made:
    mark = token.text[-1]
    first = token.text.index(mark) + 1
    return literal(token.text[first:-1], token.start + first)


def joined(between: Made, items: Made) -> Made:
    sign = between.whole().pieces[0] if between.pieces else ("", ())
    pieces = items.pieces
    if len(pieces) == 1 and sign[0]:
        pieces = tuple((one, (place,)) for one, place in zip(*pieces[0], strict=True))
    parts = [part for piece in pieces for part in (sign, piece)][1:]
    return Made(tuple(parts[:LONGEST]), True).whole()


def replaced(made: Made, given: Made) -> Made:
    old = given.pieces[0][0] if given.pieces else ""
    new = given.pieces[1] if len(given.pieces) > 1 else ("", ())
    text, places = made.text, made.places
    pieces: list[Piece] = []
    at = 0
    while old and (found := text.find(old, at)) >= 0:
        pieces += ((text[at:found], places[at:found]), new)
        at = found + len(old)
    return Made((*pieces, (text[at:], places[at:]))[:LONGEST], True).whole()
