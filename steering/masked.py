"""Rows of numbers found by what leads to them, and readable by nobody else.

Rules: a row lies under the keyed hash of the units that come before it, and its numbers are masked by a keyed
stream of those same units. So even with the key, a row is read only by who already says what leads to it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.key import subkey
from index.pattern_table import stored_hash, stored_hashes
from index.rolling import Hashes

Rows = NDArray[np.uint32]
# In place of a number: nothing comes here.
NONE = (1 << 32) - 1
MOST_KNOWN = 1 << 13
PARTS = ("hashes", "rows", "filter")
_NO_ROWS: Rows = np.empty((0, 2), dtype=np.uint32)

_STEP, _FIRST, _SECOND = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


class Next(NamedTuple):
    """`follows`: the unit that comes next; `mark`: what that means to the table's reader."""

    follows: int
    mark: int


class MaskedTable:
    """Immutable. Digests are those of `index.rolling`; each comes with the number of its units."""

    __slots__ = ("_hashes", "_known", "_rows", "_secret", "_stream", "filter", "may_hold")

    def __init__(self, hashes: Hashes, rows: Rows, filled: Hashes, key: bytes, purpose: str) -> None:
        # A plain view of a mapped file: what is cut from it costs half as much.
        self._hashes, self._rows = hashes.data, np.asarray(rows)
        self._known: dict[tuple[int, int], tuple[Next, ...]] = {}
        self._secret, self._stream = _secrets(key, purpose)
        self.filter = bloom.of(filled)
        self.may_hold: Callable[[int], bool] = self.filter.may_hold

    def __len__(self) -> int:
        return len(self._rows)

    def lookup(self, length: int, digest: int) -> Rows:
        """What lies under these units. Ask `may_hold` first: it is ten times as quick."""
        stored = stored_hash(self._secret, length, digest)
        first = bisect_left(self._hashes, stored)
        if first == len(self._hashes) or self._hashes[first] != stored:
            return _NO_ROWS
        last = bisect_right(self._hashes, stored, first)
        return self._rows[first:last] ^ _masks(
            np.array([_seed(self._stream, length, digest)]), [last - first]
        )

    def rows(self, length: int, digest: int) -> Sequence[Next]:
        """The same, remembered: the words that phrases begin with are mostly usual ones."""
        if not self.may_hold(digest):
            return ()
        found = self._known.get((length, digest))
        if found is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = tuple(Next(*row) for row in self.lookup(length, digest).tolist())
            self._known[length, digest] = found
        return found

    def save(self, folder: Path, name: str) -> None:
        parts: tuple[NDArray[Any], ...] = (np.asarray(self._hashes), self._rows, self.filter.array)
        for part, array in zip(PARTS, parts, strict=True):
            np.save(folder / f"{name}.{part}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, name: str, key: bytes) -> "MaskedTable":
        """Memory-mapped: all processes of a machine share one copy."""
        hashes, rows, filled = (
            np.load(folder / f"{name}.{part}.npy", mmap_mode="r", allow_pickle=False) for part in PARTS
        )
        return cls(hashes, rows, filled, key, name)


def masked_table(parts: list[tuple[int, Hashes, Rows]], key: bytes, purpose: str) -> MaskedTable:
    """Of digests of so many units and the row that each leads to. Equal rows are kept once."""
    secret, stream = _secrets(key, purpose)
    lengths = [np.full(len(digests), length, dtype=np.uint32) for length, digests, _ in parts]
    found = [stored_hashes(secret, length, digests) for length, digests, _ in parts]
    hashes = np.concatenate([np.empty(0, np.uint64), *found])
    length = np.concatenate([np.empty(0, np.uint32), *lengths])
    digests = np.concatenate([np.empty(0, np.uint64), *(part for _, part, _ in parts)])
    rows = np.concatenate([_NO_ROWS, *(part for _, _, part in parts)])
    order = np.lexsort((rows[:, 1], rows[:, 0], hashes))
    hashes, length, digests, rows = hashes[order], length[order], digests[order], rows[order]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1]).any(axis=1)
    hashes, length, digests, rows = hashes[new], length[new], digests[new], rows[new]
    first = (
        np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])) if len(hashes) else np.empty(0, np.intp)
    )
    counts = np.diff(np.append(first, len(hashes)))
    pairs = zip(length[first].tolist(), digests[first].tolist(), strict=True)
    seeds = np.array([_seed(stream, *pair) for pair in pairs], dtype=np.uint64)
    return MaskedTable(hashes, rows ^ _masks(seeds, counts.tolist()), bloom.fill(digests), key, purpose)


def _secrets(key: bytes, purpose: str) -> tuple[bytes, bytes]:
    return subkey(key, f"steering {purpose}"), subkey(key, f"steering {purpose} stream")


def _seed(stream: bytes, length: int, digest: int) -> int:
    message = digest.to_bytes(8, "little") + length.to_bytes(2, "little")
    return int.from_bytes(blake2b(message, digest_size=8, key=stream).digest(), "little")


def _masks(seeds: Hashes, counts: list[int]) -> Rows:
    """A row of masks for each row under a seed: a stream that starts at the seed."""
    ends = np.cumsum(counts)
    place = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    mixed: Hashes = (
        np.repeat(seeds.astype(np.uint64), counts) + (place.astype(np.uint64) + np.uint64(1)) * _STEP
    )
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return (mixed ^ (mixed >> np.uint64(31))).view(np.uint32).reshape(-1, 2)
