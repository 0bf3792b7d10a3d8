"""Follows one stream of units through a table: how much of its end may still become a pattern.

`length` is the longest suffix of the stream that some longer pattern may begin with. It grows by at most
one a unit, so trying it from there downwards costs a constant number of probes a unit on average, and no
pattern is missed: a suffix can only be a prefix if it was one without its last unit. The loop is written
out because it runs for every word of every answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

from index import bloom
from index.pattern_table import PatternTable
from index.rolling import MASK


class Complete(NamedTuple):
    """A whole pattern that the unit just pushed has completed, or with `near` what comes near one.

    One unit after what comes near, the same may come nearer: it has the digest of when it came near first.
    """

    length: int
    digest: int
    owners: Sequence[int]
    near: bool = False


_NOTHING: tuple[Complete, ...] = ()


class Follower:
    """`length`: how many of the last units a longer pattern may begin with (at least `reveal`, once seen)."""

    __slots__ = (
        "_above", "_at", "_base", "_gate", "_gate_shift", "_least_near", "_near", "_power", "_powers",
        "_quiet", "_ring", "_shortest", "_size", "_sum", "_table", "length",
    )  # fmt: skip

    def __init__(self, table: PatternTable) -> None:
        self._table = table
        self._shortest = table.lengths[0] if table.lengths else 1
        self._base = table.base
        self._powers = table.powers
        self._size = table.longest + 1
        self._least_near = table.near[0] if table.near else self._size
        # With nothing begun, one probe tells that still nothing begins.
        self._quiet = table.reveal + 1 if table.gate else 0
        self._gate, self._gate_shift, *_, self._above = table.gate or bloom.empty()
        self._power = self._powers[self._quiet]
        self.clear()

    @property
    def held(self) -> int:
        """How many of the last units must not go out yet."""
        return max(0, self.length - self._table.reveal)

    def clear(self) -> None:
        """What follows does not continue what was before."""
        self._sum = 0
        self._at = 0
        self._ring = [0] * self._size
        self._near: Sequence[Complete] = _NOTHING
        self.length = 0

    def push(self, word_hash: int) -> Sequence[Complete]:
        """The patterns that end with this unit, shortest first."""
        reach = self.length + 1
        if reach == self._quiet == 1:
            # Nothing has begun and nothing begins: most units of a table without reveal cost this alone.
            word = self._gate[word_hash >> self._gate_shift]
            if not word >> (word_hash & 63) & word >> (word_hash >> 6 & 63) & 1 and (
                self._above is None or not self._above.may_hold(word_hash)
            ):
                return _NOTHING
        self._sum = total = (self._sum * self._base + word_hash) & MASK
        at = self._at + 1
        if at == self._size:
            at = 0
        self._at = at
        self._ring[at] = total
        if reach == self._quiet > 1:
            digest = (total - self._ring[at - reach] * self._power) & MASK
            word = self._gate[digest >> self._gate_shift]
            if not word >> (digest & 63) & word >> (digest >> 6 & 63) & 1 and (
                self._above is None or not self._above.may_hold(digest)
            ):
                return _NOTHING
        found = self._completed(reach) if reach >= self._shortest else _NOTHING
        self.length = self._begun(reach)
        if self.length >= self._least_near:
            return [*found, *self._come_near()]
        return found

    def _begun(self, reach: int) -> int:
        """The longest suffix of at most `reach` units that may still grow."""
        reach = min(reach, self._table.longest - 1)
        while reach > self._table.reveal and not self._table.can_grow(reach, self._digest(reach)):
            reach -= 1
        return max(reach, 0)

    def _completed(self, reach: int) -> Sequence[Complete]:
        found = []
        for length in self._table.lengths:
            if length > reach:
                break
            digest = self._digest(length)
            owners = self._table.owners(length, digest)
            if owners:
                found.append(Complete(length, digest, owners))
        return found or _NOTHING

    def _come_near(self) -> Sequence[Complete]:
        """What comes near with this unit, and what did with the one before and goes on."""
        # Runs grow by one unit, so what came near before did so one unit ago, or is too long to go on now.
        before, self._near = (
            self._near,
            [
                Complete(length, digest, owners, near=True)
                for length in self._table.near
                if length <= self.length
                and (owners := self._table.near_owners(length, digest := self._digest(length)))
            ],
        )
        return [
            *self._near,
            *(near._replace(length=near.length + 1) for near in before if self._goes_on(near)),
        ]

    def _goes_on(self, near: Complete) -> bool:
        return near.length < self.length and self._table.can_grow(
            near.length + 1, self._digest(near.length + 1)
        )

    def _digest(self, length: int) -> int:
        return (self._sum - self._ring[self._at - length] * self._powers[length]) & MASK
