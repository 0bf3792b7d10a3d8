"""Which tokens would complete something forgotten behind one line.

Rules: a token is banned if something forbidden is complete behind it, were the text to end there; or if it
begins the last unit of it so clearly that no other common word goes on so. No step looks at the whole
vocabulary: a token is found by the unit that it would have to say first.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from index.rolling import MASK
from index.units import LONGEST
from steering.book import Book, Sight
from steering.edit import Edit
from steering.fixed import may_be_name
from steering.form import Lead
from steering.heads import Heads, Tokens
from steering.known import AllKnown
from steering.line import Line
from steering.masked import NONE
from steering.paths import Live, Said
from steering.rules import Rules
from steering.targets import Targets, targets_of

_NOTHING = Edit.nothing()
# So many sights a line may be looked at with.
MOST_KEPT = 4
_ALL = (Lead.GOES_ON, Lead.APOSTROPHE, Lead.CLOSES)


class Way(NamedTuple):
    """What tokens with these leads go on with: the open unit, or none behind what is in sight."""

    sight: Sight
    opened: str
    capital: bool | None
    heads: Heads
    leads: tuple[Lead, ...]


class Bans:
    """Of one book, vocabulary and rules."""

    __slots__ = ("_all_known", "_book", "_fixed", "_kept", "_known", "_rules", "_tokens", "_version")

    def __init__(self, book: Book, tokens: Tokens, known: AllKnown, rules: Rules) -> None:
        self._book, self._tokens, self._fixed, self._rules = book, tokens, known.fixed, rules
        self._all_known, self._known = known, known.under(rules)
        self._version = rules.version
        self._kept: list[tuple[Sight, int, Targets]] = []

    def of(self, line: Line) -> Edit:
        """The same object where it is the same as behind other words."""
        if self._version != self._rules.version:
            self._version, self._known = self._rules.version, self._all_known.under(self._rules)
        if line.rest or line.figures or self._fixed.long:
            return banning(self._found(line))
        begun: tuple[object, ...] = ()
        if not (line.sight.quiet and line.closed.quiet):
            if self._is_near(line):
                return banning(self._found(line))
            begun = tuple([(each.length, each.digest, each.capitals) for each in line.sight.live])
        key = line.opened, line.capital, line.behind, begun
        found = self._known.edit(key)
        return self._known.keep(key, banning(self._found(line))) if found is None else found

    def _is_near(self, line: Line) -> bool:
        """Whether one token might end a window: only then do the words before what has begun matter."""
        return any(
            runs.longest + self._tokens.most_units >= chain.window
            for sight in (line.sight, line.closed)
            for chain, runs in zip(self._book.chains, sight.runs, strict=True)
        )

    def _found(self, line: Line) -> set[int]:
        banned = set(self._known.always_behind(line))
        banned.update(self._tried(line, {*self._begun(line), *self._fixed.long, *self._known.always.broken}))
        if line.sight.quiet and line.closed.quiet and not line.figures:
            return banned
        for way in self._ways(line):
            if not way.sight.quiet:
                banned.update(self._in_sight(way, line, banned))
        if line.figures:
            banned.update(self._digits(line.figures, line.rest))
        return banned

    def _begun(self, line: Line) -> Collection[int]:
        """Tokens that may complete what the open unit begins, or what an unfinished character does."""
        if not line.rest:
            return self._fixed.candidates(line.opened, b"", self._tokens.whole) if line.opened else ()
        broken = self._tokens.after(line.rest)
        return {
            number
            for opened in (line.opened, "")
            for number in self._fixed.candidates(opened, line.rest, broken)
        }

    def _ways(self, line: Line) -> Iterator[Way]:
        broken = self._tokens.after(line.rest)
        if broken.says:
            yield from self._ways_of(line, broken)
        if line.rest:
            # Whatever begins with a whole character shows that the one before was none.
            yield Way(line.closed, "", None, self._tokens.whole, _ALL)
        else:
            yield from self._ways_of(line, self._tokens.whole)

    def _ways_of(self, line: Line, heads: Heads) -> Iterator[Way]:
        if not line.opened:
            yield Way(line.sight, "", None, heads, _ALL)
            return
        yield Way(line.sight, line.opened, line.capital, heads, line.joining)
        yield Way(line.closed, "", None, heads, _ALL[len(line.joining) :])

    def _in_sight(self, way: Way, line: Line, banned: set[int]) -> Iterator[int]:
        targets = self._targets(way.sight)
        for unit, rest in self._rests(targets.ends, way):
            yield from self._ending(unit, rest, way)
        for unit, rest in self._rests(targets.cased, way):
            ending = self._ending(unit, rest, way)
            yield from (number for number in ending if self._is_cased(number, way))
        following = self._rests(targets.further, way)
        tried = {number for unit, rest in following for number in self._going_on(unit, rest, way)}
        yield from self._tried(line, tried - banned)

    def _targets(self, sight: Sight) -> Targets:
        """Kept for the last sights: what ends a unit and what goes on with it look at the same ones."""
        for kept, version, found in self._kept:
            if kept is sight and version == self._rules.version:
                return found
        found = targets_of(self._book, sight, self._rules, self._tokens.most_units)
        self._kept = [(sight, self._rules.version, found), *self._kept[: MOST_KEPT - 1]]
        return found

    def _rests(self, units: Iterable[int], way: Way) -> Iterator[tuple[int, str]]:
        """What is left to say of those units that the open one begins."""
        opened, text_of = way.opened, self._book.units.text
        for unit in units:
            text = text_of(unit)
            if text.startswith(opened) and text != opened:
                yield unit, text[len(opened) :]

    def _ending(self, unit: int, rest: str, way: Way) -> Iterable[int]:
        """Tokens that say the rest of the unit, or so much of it that it is clear."""
        if way.opened or way.heads is not self._tokens.whole:
            return [number for lead in way.leads for number in self._said_by(unit, rest, way.heads, lead)]
        found = self._fixed.endings.get(unit)
        if found is None:
            found = tuple(tuple(self._said_by(unit, rest, way.heads, lead)) for lead in _ALL)
            self._fixed.endings[unit] = found
        return [number for lead in way.leads for number in found[lead]]

    def _said_by(self, unit: int, rest: str, heads: Heads, lead: Lead) -> Iterator[int]:
        yield from heads.exact[lead].get(rest, ())
        text = self._book.units.text(unit)
        for size in range(max(1, self._book.units.clear(unit) - len(text) + len(rest)), len(rest)):
            yield from heads.begun[lead].get(rest[:size], ())
        if len(text) == LONGEST:
            # It ends without a sign, so a token may go on behind it.
            yield from (
                number for said, ids in heads.exact[lead].items() if said.startswith(rest) for number in ids
            )

    @staticmethod
    def _is_cased(number: int, way: Way) -> bool:
        if way.opened and way.capital is not None:
            return way.capital or way.opened.upper() == way.opened
        return may_be_name(way.heads.said[number].form)

    def _going_on(self, unit: int, rest: str, way: Way) -> Iterator[int]:
        """Tokens that say the unit and more."""
        whole = len(self._book.units.text(unit)) == LONGEST
        for lead in way.leads:
            yield from way.heads.longer[lead].get(rest, ())
            if whole:
                yield from self._said_by(unit, rest, way.heads, lead)

    def _tried(self, line: Line, numbers: Iterable[int]) -> Iterator[int]:
        """Those behind which something forbidden is complete."""
        for number in numbers:
            behind = line.copy()
            behind.push(number, self._tokens)
            if self._rules.forbids_end(behind):
                yield number

    def _digits(self, live: Live, rest: bytes) -> Iterator[int]:
        runs = {run for begun in live for run in self._runs(begun.length, begun.digest, begun.rows, "")}
        for run in runs:
            for heads in (self._tokens.whole, self._tokens.after(rest)):
                yield from heads.figures.get(run, ())

    def _runs(self, length: int, digest: int, rows: Iterable[tuple[int, int]], run: str) -> Iterator[str]:
        """The digits that complete a forbidden number, as many as a token can have."""
        for unit, owner in rows:
            if unit == NONE or len(run) == self._tokens.digits:
                continue
            figure = self._book.units.text(unit)
            after = (digest * self._book.word_hash.base + self._book.word_hash.of(figure)) & MASK
            if owner != NONE:
                if self._rules.forbids(Said(owner, length + 1, after, True)):
                    yield run + figure
            else:
                below = self._book.figures.table.rows(length + 1, after)
                yield from self._runs(length + 1, after, below, run + figure)


def banning(numbers: Collection[int]) -> Edit:
    if not numbers:
        return _NOTHING
    return Edit(np.array(sorted(numbers), dtype=np.int32), _NOTHING.shifted, _NOTHING.by)
