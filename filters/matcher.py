"""Follows forgotten unit sequences through a stream of units, and knows what must not go out yet.

Rule: with L the length of the longest run of last units that begins a forgotten sequence, exactly the last
`max(0, L - reveal)` units are held. No complete sequence can then have gone out, and no smaller hold keeps
that promise, because some continuation completes every such run.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.follower import Complete, Follower
from index.pattern_table import PatternTable
from index.rolling import Hashes, WordHash
from index.table_search import find
from index.units import Unit


@dataclass(frozen=True, slots=True)
class Match:
    """A complete forgotten sequence. `start` is where its first unit still held begins: the `reveal` units
    before it may have gone out already. `capitals`: every unit that can be capitalised is. `near`: it is
    only what comes near a sequence. `begin` is where its very first unit begins.
    """

    owner: int
    key: int
    start: int
    end: int
    capitals: bool
    near: bool = False
    begin: int = 0


def shifted(match: Match, shift: int) -> Match | None:
    """The match with the text before cut off; None where none of it stands in the text proper."""
    if match.end <= shift:
        return None
    return replace(
        match,
        start=max(0, match.start - shift),
        end=match.end - shift,
        begin=max(0, match.begin - shift),
    )


def may_be_name(unit: Unit) -> bool:
    """Capitalised, or without case: a digit, a letter of a script that has none."""
    return unit.capital or unit.text.upper() == unit.text


class Matcher:
    """One table followed through one stream: a Follower that knows where in the text its units stand.

    `held_from`: where the first unit that must wait begins.
    """

    __slots__ = ("_follower", "_hash", "_reveal", "_table", "_units", "_word_hash", "held_from")

    def __init__(self, table: PatternTable, word_hash: WordHash) -> None:
        self._table, self._word_hash, self._hash = table, word_hash, word_hash.of
        self._reveal = table.reveal
        self._follower = Follower(table)
        self._units: deque[Unit] = deque(maxlen=max(1, table.longest))
        self.held_from: int | None = None

    @property
    def run(self) -> tuple[Unit, ...]:
        """The last units that begin a forgotten sequence, the revealed ones included."""
        return tuple(self._units)[-self._follower.length :] if self._follower.length else ()

    def finds(self, hashes: Hashes) -> bool:
        """Whether any sequence would end among these units, or come near."""
        before = self._word_hash.many([unit.text for unit in self._units])
        hits = find(self._table, np.concatenate([before, hashes]))
        return any(hit.start + hit.length > len(before) for hit in hits)

    def restart(self, units: Sequence[Unit]) -> None:
        """Go on after units of which these are the last, as many as a sequence can have."""
        self._follower.clear()
        for unit in units:
            self.push(unit)

    def push(self, unit: Unit) -> Sequence[Match]:
        """The sequences that this unit completes, and what it makes come near one."""
        self._units.append(unit)
        completed = self._follower.push(self._hash(unit.text))
        held = self._follower.length - self._reveal
        self.held_from = self._units[-held].start if held > 0 else None
        return [match for complete in completed for match in self._matches(complete)] if completed else ()

    def _matches(self, complete: Complete) -> Iterator[Match]:
        units = list(self._units)[-complete.length :]
        start = units[min(self._reveal, complete.length - 1)].start
        capitals = all(map(may_be_name, units))
        for owner in complete.owners:
            yield Match(owner, complete.digest, start, units[-1].end, capitals, complete.near, units[0].start)
