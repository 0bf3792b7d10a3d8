"""Follows one stream of units through a table: how much of its end may still become a pattern.

`length` is the longest suffix of the stream that some longer pattern may begin with. It grows by at most
one a unit, so trying it from there downwards costs a constant number of probes a unit on average, and no
pattern is missed: a suffix can only be a prefix if it was one without its last unit. The loop is written
out because it runs for every word of every answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

from index.pattern_table import PatternTable


class Complete(NamedTuple):
    """A whole pattern that the unit just pushed has completed."""

    length: int
    digest: int
    owners: Sequence[int]


_NOTHING: tuple[Complete, ...] = ()


class Follower:
    """`length`: how many of the last units a longer pattern may begin with (at least `reveal`, once seen)."""

    __slots__ = ("_roller", "_shortest", "_table", "length")

    def __init__(self, table: PatternTable) -> None:
        self._table = table
        self._shortest = min(table.lengths, default=1)
        self._roller = table.roller()
        self.length = 0

    @property
    def held(self) -> int:
        """How many of the last units must not go out yet."""
        return max(0, self.length - self._table.reveal)

    def clear(self) -> None:
        """What follows does not continue what was before."""
        self._roller.clear()
        self.length = 0

    def push(self, word_hash: int) -> Sequence[Complete]:
        """The patterns that end with this unit, shortest first."""
        table, roller = self._table, self._roller
        roller.push(word_hash)
        reach = self.length + 1
        found = self._completed(reach) if reach >= self._shortest else _NOTHING
        reach = min(reach, table.longest - 1)
        while reach > table.reveal:
            digest = roller.digest(reach)
            words, shift = table.grow[reach]
            word = words[digest >> shift]
            if word >> (digest & 63) & 1 and table.can_grow(reach, digest):
                break
            reach -= 1
        self.length = max(reach, 0)
        return found

    def _completed(self, reach: int) -> Sequence[Complete]:
        found = []
        for length in self._table.lengths:
            if length > reach:
                break
            digest = self._roller.digest(length)
            owners = self._table.owners(length, digest)
            if owners:
                found.append(Complete(length, digest, owners))
        return found or _NOTHING
