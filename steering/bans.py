"""Which tokens would complete something forgotten behind one line.

Rules: a token is banned if something forbidden is complete behind it, were the text to end there; or if it
begins the last unit of it so clearly that no other common word goes on so. No step looks at the whole
vocabulary: a token is found by the unit that it would have to say first.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.rolling import MASK
from index.units import LONGEST
from steering.book import Book, Sight
from steering.fixed import BROKEN, JUNK, Fixed, may_be_name
from steering.form import Lead
from steering.heads import Heads, Tokens
from steering.line import Line
from steering.masked import NONE
from steering.paths import Live, Said
from steering.rules import Rules
from steering.targets import Targets, targets_of

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
    """Of one book, vocabulary and rules; `always` is kept as long as the rules' version."""

    __slots__ = ("_always", "_book", "_fixed", "_kept", "_rules", "_tokens", "_version")

    def __init__(self, book: Book, tokens: Tokens, fixed: Fixed, rules: Rules) -> None:
        self._book, self._tokens, self._fixed, self._rules = book, tokens, fixed, rules
        self._version = -1
        self._always: _Always = _NEVER
        self._kept: list[tuple[Sight, int, Targets]] = []

    def of(self, line: Line) -> Collection[int]:
        if self._version != self._rules.version:
            self._version, self._always = self._rules.version, _always(self._fixed, self._rules)
        begun = self._begun(line)
        if line.sight.quiet and line.closed.quiet and not (line.rest or line.figures or self._fixed.long):
            if not begun and not self._always.tokens.size:
                return ()
            return self._constant(line) | set(self._tried(line, begun))
        banned = self._constant(line) | set(self._tried(line, {*begun, *self._fixed.long}))
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

    def _constant(self, line: Line) -> set[int]:
        """What is banned whatever stands before, as far as it begins a unit here."""
        always, found = self._always, set[int]()
        if not always.tokens.size:
            return found
        fresh = np.ones(len(always.tokens), dtype=np.bool_)
        if line.opened and not line.rest:
            fresh = ~np.isin(always.leads, line.joining)
        if line.rest:
            fresh &= always.leads != BROKEN
        found.update(always.tokens[fresh | always.anywhere].tolist())
        found.update(self._tried(line, always.broken))
        return found

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
            if _is_forbidden(behind, self._rules):
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


class _Always(NamedTuple):
    """`anywhere`: also where they go on with an open unit; `broken` has to be tried."""

    tokens: NDArray[np.int32]
    leads: NDArray[np.uint8]
    anywhere: NDArray[np.bool_]
    broken: tuple[int, ...]


_NEVER = _Always(np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.bool_), ())


def _always(fixed: Fixed, rules: Rules) -> _Always:
    pairs = fixed.pairs
    single = np.unique(pairs.tokens[rules.forbid(pairs.owners, pairs.digests)])
    several = [number for number, _ in fixed.alone if _is_forbidden(fixed.completes(number, ""), rules)]
    anywhere = [
        number
        for number, is_so in fixed.alone
        if is_so and _is_forbidden(fixed.completes(number, JUNK), rules)
    ]
    tokens = np.union1d(single, np.array(several + anywhere, dtype=np.int32)).astype(np.int32)
    leads = fixed.leads[tokens]
    broken = tuple(tokens[leads == BROKEN].tolist())
    return _Always(tokens, leads, np.isin(tokens, anywhere), broken)


def _is_forbidden(line: Line | None, rules: Rules) -> bool:
    """Whether something forbidden is complete with the last token of the line, if there is one."""
    if line is None:
        return False
    return any(map(rules.forbids, line.said)) or any(map(rules.forbids_window, line.windows))
