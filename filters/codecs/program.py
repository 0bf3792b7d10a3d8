"""Strings that a text puts together as a program would: sums, joined lists, slices, character codes.

Rules: nothing is run. Strings and the names they are given are read in one pass; what is made of them is as
long as the pieces are, and no longer than a few sentences. Every character knows the piece that it comes
from, so that the pieces are cut out with what they make.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from filters.codecs.decoded import Decoded, spliced
from filters.codecs.program_strings import (
    LONGEST,
    NOTHING,
    Made,
    Piece,
    filled,
    joined,
    literal,
    replaced,
    string,
)
from filters.codecs.program_tokens import tokens

# Without one of these nothing is put together.
_MAKES = re.compile(
    r"""["'`\w)\]}]\s*(?:\+|\.\.|&|\|\||~)=?\s*["'`({\[\w]|\.\s*["'`]|["'`]\s+["'`]|::?\s*-1|\w\(|\{\w+\}|\$\{?\w|%\s*\("""
)
# Of one of these there are two.
_MARKS = "\"'`=("
_NAMING = frozenset({"is", "be", "as", "equals", "means", ":"})
_SUMS = frozenset({"+", "..", ".", "&", "||", "~", "++", "<<"})
_OPENS = {"(": ")", "[": "]", "{": "}"}
_CODES = frozenset({"chr", "char", "fromcharcode", "fromcodepoint"})
_REVERSES = frozenset({"reversed", "reverse", "strrev"})
# As deep as brackets are followed.
_DEEPEST = 6
# So few characters are no part of a name that others do not have.
_LEAST = 3

_Read = tuple[Made, int]


def read(text: str) -> Iterator[Decoded]:
    """The text with what is put together in the places where it is."""
    if max(map(text.count, _MARKS)) < 2 or not _MAKES.search(text):
        return
    made = list(_Reader(text).all())
    runs = [
        Decoded.of(one.text, [start] * len(one.text), [end] * len(one.text), "program")
        for start, end, one in made
    ]
    places = iter(made)
    for piece in spliced(text, runs):
        starts, ends = piece.starts.copy(), piece.ends.copy()
        for first, last in piece.fresh:
            own = np.array(next(places)[2].places, dtype=np.int64)
            starts[first:last], ends[first:last] = own, own + 1
        yield replace(piece, starts=starts, ends=ends)


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens, self._count = tokens(text)
        self._known: dict[str, Made] = {}

    def all(self) -> Iterator[tuple[int, int, Made]]:
        """What is made, and from where to where the text says so."""
        at = 0
        while at < self._count:
            begin = self._given(at)
            found = self._sum(begin or at, 0)
            if begin is not None:
                found = found or self._bare(begin)
                self._name(at, found)
            if found is None:
                at += 1
                continue
            made, end = found
            if made.made and len(made.text) >= _LEAST:
                first, last = self._tokens[begin or at], self._tokens[end - 1]
                yield first.start, last.end, made.whole()
            at = max(end, at + 1)

    def _given(self, at: int) -> int | None:
        """Where the value of a name begins, if this is one that gets a value."""
        if self._tokens[at].kind != "name":
            return None
        sign, value = self._tokens[at + 1], self._tokens[at + 2]
        if sign.kind == "assign" or (sign.text.lower() in _NAMING and value.kind == "string"):
            return at + 2
        return None

    def _name(self, at: int, found: _Read | None) -> None:
        name = self._tokens[at].text.lstrip("$@%")
        value = found[0] if found is not None else NOTHING
        more = self._tokens[at + 1].text in ("+=", ".=")
        before = self._known.get(name, NOTHING).pieces if more else ()
        if found is not None:
            self._known[name] = Made((*before, *value.pieces)[:LONGEST], value.made or more)
        else:
            self._known.pop(name, None)

    def _bare(self, at: int) -> _Read | None:
        """A word without quotation marks."""
        token = self._tokens[at]
        return (literal(token.text, token.start), at + 1) if token.kind == "name" else None

    def _sum(self, at: int, depth: int) -> _Read | None:
        found = self._term(at, depth)
        if found is None:
            return None
        made, at = found
        parts = [made]
        while (more := self._next(at, depth)) is not None:
            made, at = more
            parts.append(made)
        if len(parts) == 1:
            return found
        return Made(tuple(piece for one in parts for piece in one.pieces)[:LONGEST], True).whole(), at

    def _next(self, at: int, depth: int) -> _Read | None:
        """One more term of a sum, or what stands right behind."""
        token, before = self._tokens[at], self._tokens[at - 1]
        if token.text in _SUMS:
            return self._term(at + 1, depth)
        beside = token.start == before.end and (token.text == "{" or token.text[:1] in "$@%")
        if beside or (token.kind == before.kind == "string"):
            return self._term(at, depth)
        return None

    def _term(self, at: int, depth: int) -> _Read | None:
        token = self._tokens[at]
        found: _Read | None = None
        if depth > _DEEPEST:
            return None
        if token.kind == "string":
            found = filled(string(token), self._known, ()), at + 1
        elif token.kind == "name":
            found = self._named(at, depth)
        elif token.text in _OPENS or token.text == "$":
            found = self._bracketed(at + (token.text == "$"), depth)
        while found is not None and (more := self._changed(*found, depth)) is not None:
            found = more
        return found

    def _named(self, at: int, depth: int) -> _Read | None:
        name, behind = self._tokens[at].text.lstrip("$@%"), self._tokens[at + 1]
        if behind.text == "." and self._tokens[at + 2].text.lower() in _CODES:
            return self._named(at + 2, depth)
        if behind.text != "(":
            return (self._known[name], at + 1) if name in self._known else None
        if name.lower() in _CODES:
            return self._codes(at + 2)
        found = self._bracketed(at + 1, depth)
        if found is None or name.lower() not in _REVERSES:
            return found
        return found[0].cut(slice(None, None, -1)), found[1]

    def _codes(self, at: int) -> _Read | None:
        """Numbers of characters."""
        pieces = []
        while self._tokens[at].kind == "number" or self._tokens[at].text == ",":
            token = self._tokens[at]
            if token.kind == "number" and 32 <= int(token.text) < 0x11000:
                pieces.append((chr(int(token.text)), (token.start,)))
            at += 1
        return (Made(tuple(pieces), True).whole(), at + 1) if pieces else None

    def _bracketed(self, at: int, depth: int) -> _Read | None:
        """What stands in brackets, one or several."""
        closes = _OPENS.get(self._tokens[at].text)
        pieces: list[Piece] = []
        made, at = False, at + 1
        while closes is not None and (found := self._sum(at, depth + 1)) is not None:
            one, at = found
            whole = one.pieces if len(one.pieces) > 1 else one.whole().pieces
            made, pieces = made or one.made or bool(pieces), [*pieces, *whole][:LONGEST]
            if self._tokens[at].text == closes:
                return Made(tuple(pieces), made), at + 1
            if self._tokens[at].text not in (",", ";"):
                break
            at += 1
        return None

    def _changed(self, made: Made, at: int, depth: int) -> _Read | None:
        """What is done with it: a slice, a method, a form that is filled in."""
        token = self._tokens[at]
        if token.text == "[":
            return self._sliced(made, at + 1)
        if token.text == "%":
            filling = self._term(at + 1, depth + 1)
            return filling and (filled(made, self._known, filling[0].pieces), filling[1])
        if token.text != "." or self._tokens[at + 2].text != "(":
            return None
        return self._method(made, self._tokens[at + 1].text.lower(), at + 2, depth)

    def _method(self, made: Made, method: str, at: int, depth: int) -> _Read | None:
        inside = self._bracketed(at, depth)
        if inside is None:
            if self._tokens[at + 1].text != ")":
                return None
            inside = NOTHING, at + 2
        given, end = inside
        match method:
            case "join":
                between, items = (made, given) if len(given.pieces) > 1 or given.made else (given, made)
                return joined(between, items), end
            case "format":
                return filled(made, self._known, given.pieces), end
            case "replace" | "replaceall" | "remove":
                return replaced(made.whole(), given), end
            case "concat":
                return Made((*made.pieces, *given.pieces)[:LONGEST], True).whole(), end
            case name if name in _REVERSES:
                return made.cut(slice(None, None, -1)), end
        return made, end

    def _sliced(self, made: Made, at: int) -> _Read | None:
        sign: list[str] = []
        while len(sign) < 9 and self._tokens[at].text != "]":
            sign.append(self._tokens[at].text)
            at += 1
        bounds = "".join(sign).split(":")
        if not all(re.fullmatch(r"-?\d{0,7}", bound) and bound != "-" for bound in bounds) or len(bounds) > 3:
            return None
        numbers = [int(bound) if bound else None for bound in bounds]
        if len(numbers) == 1:
            first = numbers[0] or 0
            return made.cut(slice(first, first + 1 or None)), at + 1
        return None if numbers[2:] == [0] else (made.cut(slice(*numbers)), at + 1)
