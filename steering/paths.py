"""Names and secrets followed unit by unit: which of them have begun, and what would end them.

Rule: under every beginning of a sequence lies the unit that comes next, marked with the phrase that it
completes; under the whole sequence, that it is one. Nothing is kept of units with which nothing begins.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from index.rolling import MASK, Hashes
from steering.masked import NONE, MaskedTable, Next, Rows, masked_table


class Begun(NamedTuple):
    """The last units begin a phrase. `capitals`: all of them may begin a name."""

    length: int
    digest: int
    capitals: bool
    rows: Sequence[Next]

    def completed(self) -> Iterator["Said"]:
        for row in self.rows:
            if row.follows == NONE:
                yield Said(row.mark, self.length, self.digest, self.capitals)


class Said(NamedTuple):
    """A phrase that has been said: whose, and in which of its forms."""

    owner: int
    length: int
    digest: int
    capitals: bool


Live = tuple[Begun, ...]
NOTHING: Live = ()


class Paths:
    """Immutable: a table of phrases and how to follow them."""

    __slots__ = ("_base", "may_begin", "table")

    def __init__(self, table: MaskedTable, base: int) -> None:
        self.table, self._base = table, base
        self.may_begin = table.may_hold

    def step(self, live: Live, unit: int, capital: bool) -> Live:
        """What has begun once a unit with this hash is said, too."""
        table = self.table
        begun: Live = NOTHING
        for each in live:
            digest = (each.digest * self._base + unit) & MASK
            if table.may_hold(digest):
                begun += self._begin(each.length + 1, digest, each.capitals and capital)
        return begun + self._begin(1, unit, capital) if table.may_hold(unit) else begun

    def _begin(self, length: int, digest: int, capitals: bool) -> Live:
        rows = self.table.rows(length, digest)
        return (Begun(length, digest, capitals, rows),) if rows else NOTHING


def paths_table(
    sequences: Sequence[Sequence[int]],
    owners: Sequence[int],
    hashes: Hashes,
    base: int,
    key: bytes,
    name: str,
) -> MaskedTable:
    """Of sequences of unit numbers, whose hashes are listed by number."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for sequence, owner in zip(sequences, owners, strict=True):
        digest = 0
        for place, unit in enumerate(sequence):
            if place:
                last = place == len(sequence) - 1
                found.setdefault(place, []).append((digest, unit, owner if last else NONE))
            digest = (digest * base + int(hashes[unit])) & MASK
        found.setdefault(len(sequence), []).append((digest, NONE, owner))
    return masked_table([_part(length, rows) for length, rows in sorted(found.items())], key, name)


def _part(length: int, rows: list[tuple[int, int, int]]) -> tuple[int, Hashes, Rows]:
    digests = np.array([digest for digest, _, _ in rows], dtype=np.uint64)
    return length, digests, np.array([row[1:] for row in rows], dtype=np.uint32).reshape(-1, 2)
