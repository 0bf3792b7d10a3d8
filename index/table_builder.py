"""Collects patterns, then makes the table of them, or the columns which the table of many parts is laid
from.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns import Held
from index.key import subkey
from index.pattern_table import NEAR, Owners, PatternTable, near_units, stored_hashes
from index.rolling import Hashes, WordHash
from index.shelf import MemoryShelf, Shelf
from index.table_laying import Piece, lay_table, shelved

NONE = np.empty(0, dtype=np.uint64)

Innocent = Mapping[int, Hashes]
Flags = NDArray[np.bool_]


class TableBuilder:
    """With `near`, the table also tells what comes near a pattern. `told`: at which lengths it tells what may
    grow; None: at each. `few`: up to this length there are few different beginnings.
    """

    __slots__ = ("_base", "_exact", "_few", "_grow", "_key", "_near", "_told", "_whole", "reveal")

    def __init__(
        self,
        key: bytes,
        reveal: int,
        *,
        near: bool = False,
        told: Collection[int] | None = None,
        few: int = 0,
    ) -> None:
        self.reveal = reveal
        self._key, self._near, self._told, self._few = key, near, told, few
        self._base = np.uint64(WordHash(key).base)
        self._grow: dict[int, list[Hashes]] = defaultdict(list)
        self._whole: dict[int, list[Hashes]] = defaultdict(list)
        # By length, NEAR added where it only comes near: digests and their owners.
        self._exact: dict[int, list[tuple[Hashes, Owners]]] = defaultdict(list)

    def add(self, hashes: Hashes, window: int, owner: int, innocent: Innocent = MappingProxyType({})) -> int:
        """Every `window` units in a row of this sequence is a pattern of `owner`; says how many there are.

        `innocent`: by length, sorted digests of sequences that are no patterns and come near none.
        """
        count = len(hashes) - window + 1
        if window < 1 or count < 1:
            raise ValueError(f"a window of {window} units needs as many units, got {len(hashes)}")
        owners = np.full(count, owner, dtype=np.uint32)
        columns = np.stack([hashes[place : place + count] for place in range(window)])
        return int(np.count_nonzero(self.add_many(columns, owners, innocent)[1]))

    def add_many(
        self, columns: Hashes, owners: Owners, innocent: Innocent = MappingProxyType({})
    ) -> tuple[Hashes, Flags]:
        """Each column is a pattern of one owner; says their digests, and which are kept."""
        window = len(columns)
        near = near_units(window) if self._near else 0
        begun = dict(self._begun(columns, near))
        kept = ~stands_in(begun[window], innocent.get(window, NONE))
        for length in range(1, window):
            if length in begun and (length != near or self._grows(length)):
                self._grow[length].append(begun[length][kept])
        self._whole[window].append(begun[window][kept])
        self._exact[window].append((begun[window][kept], owners[kept]))
        if near:
            nearer = kept & ~stands_in(begun[near], innocent.get(near, NONE))
            self._exact[near | NEAR].append((begun[near][nearer], owners[nearer]))
        return begun[window], kept

    def _begun(self, columns: Hashes, near: int) -> Iterator[tuple[int, Hashes]]:
        """For the lengths that are told, and the whole, the digests of how each column begins."""
        rolled = np.zeros(columns.shape[1], dtype=np.uint64)
        for length, column in enumerate(columns, 1):
            rolled = rolled * self._base + column
            if length in (near, len(columns)) or self._grows(length):
                yield length, rolled

    def _grows(self, length: int) -> bool:
        return length > self.reveal and (self._told is None or length in self._told)

    def columns(self, name: str) -> dict[str, NDArray[Any]]:
        """What the table of this name is laid from."""
        made: dict[str, NDArray[Any]] = {}
        for length, digests in self._grow.items():
            joined = np.concatenate(digests)
            made[f"{name}.grow.{length}"] = np.unique(joined) if length <= self._few else joined
        for length, digests in self._whole.items():
            made[f"{name}.whole.{length}"] = np.concatenate(digests)
        made[f"{name}.hashes"], made[f"{name}.owners"] = self._stored()
        near = sorted(length ^ NEAR for length in self._exact if length & NEAR)
        made[f"{name}.near"] = np.array(near, dtype=np.uint32)
        return made

    def _stored(self) -> tuple[Hashes, Owners]:
        secret = subkey(self._key, "patterns")
        hashes, owners = [NONE], [np.empty(0, dtype=np.uint32)]
        for length, parts in self._exact.items():
            hashes.append(stored_hashes(secret, length, np.concatenate([digests for digests, _ in parts])))
            owners += [owner for _, owner in parts]
        return np.concatenate(hashes), np.concatenate(owners)

    def build(self) -> PatternTable:
        shelf = MemoryShelf()
        self.lay("table", shelf)
        return PatternTable(shelved(shelf, "table"), self._key)

    def lay(self, name: str, shelf: Shelf) -> None:
        """The table of these patterns alone."""
        lay_table(name, [Piece(Held(self.columns(name)), 0)], shelf, self.reveal, self._few)


def stands_in(values: NDArray[Any], ordered: NDArray[Any]) -> Flags:
    """Which of the values are among the sorted ones."""
    if not len(ordered):
        return np.zeros(len(values), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: Flags = np.equal(ordered[places], values)
    return found
