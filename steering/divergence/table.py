"""What `pair` found, for all entries in three flat arrays that a process maps into memory.

Rules: a place in the table is a keyed hash of the entry and of the context, and what stands there is masked
by another, so that without the key neither a context nor a token can be read. A look-up takes one search for
each context, however long the table is.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from index.key import subkey
from steering.divergence.ngrams import Context
from steering.divergence.pair import Excess

PLACES, STARTS, TOLD = "places.npy", "starts.npy", "told.npy"
FILES: Final = (PLACES, STARTS, TOLD)
# A record is 21 bits of token and 11 of excess.
LARGEST_TOKEN: Final = 1 << 21
REMEMBERED: Final = 1 << 13
_STEPS: Final = 64.0
_MOST: Final = (1 << 11) - 1

Words = NDArray[np.uint64]
Records = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens, each once, with the largest excess and the longest context that any entry has for it."""

    tokens: NDArray[np.int32]
    excess: NDArray[np.float32]
    length: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Told:
    """Records as they stand in the table, and how long the context of each is."""

    records: Records
    lengths: NDArray[np.int64]

    def joined(self, other: "Told") -> "Told":
        return Told(
            np.concatenate([self.records, other.records]), np.concatenate([self.lengths, other.lengths])
        )

    def found(self) -> Found:
        """Each token once: sorted, its largest record is its last."""
        order = np.argsort(self.records)
        ordered = self.records[order]
        tokens = ordered >> np.uint32(11)
        changes = tokens[1:] != tokens[:-1]
        begins = np.append(0, np.flatnonzero(changes) + 1)[: len(tokens)]
        last = np.append(begins[1:], len(tokens))[: len(begins)] - 1
        return Found(
            tokens[begins].astype(np.int32),
            (ordered[last] & np.uint32(_MOST)).astype(np.float32) / np.float32(_STEPS),
            np.maximum.reduceat(self.lengths[order], begins).astype(np.int32) if len(begins) else _NOTHING,
        )


_NOTHING: Final = np.empty(0, np.int32)


class Places:
    """Where entries' contexts stand, and what masks them there."""

    def __init__(self, key: bytes) -> None:
        self._secret = subkey(key, "divergence")
        # The shortest contexts come again and again.
        self._digest = lru_cache(REMEMBERED)(self._digested)

    def of(self, contexts: Sequence[Context], entries: Words) -> tuple[Words, Words]:
        """A row for each context, a column for each entry."""
        pairs = np.frombuffer(b"".join(map(self._digest, contexts)), np.uint64).reshape(-1, 2)
        mixed = _mixed(pairs[:, :, None] ^ entries)
        return mixed[:, 0], mixed[:, 1]

    def _digested(self, context: Context) -> bytes:
        return blake2b(struct.pack(f"<{len(context)}q", *context), key=self._secret, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Table:
    """`starts` has one more than there are places, which are in order."""

    places: Words
    starts: NDArray[np.uint32]
    told: Records

    @classmethod
    def made(cls, found: Iterable[tuple[int, Excess]], key: bytes) -> Self:
        """From the entries' numbers and what was found about each."""
        lots = [_lot(number, excess, Places(key)) for number, excess in found]
        places, sizes, told = (np.concatenate(parts) for parts in zip(_NO_LOT, *lots, strict=True))
        order = np.argsort(places)
        first = np.cumsum(sizes) - sizes
        starts = np.append(0, np.cumsum(sizes[order])).astype(np.uint32)
        return cls(places[order], starts, told[_runs(first[order], sizes[order])])

    def save(self, folder: Path) -> None:
        np.save(folder / PLACES, self.places, allow_pickle=False)
        np.save(folder / STARTS, self.starts, allow_pickle=False)
        np.save(folder / TOLD, self.told, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises ValueError where the arrays do not belong together."""
        mapped = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in FILES)
        places, starts, told = map(np.asarray, mapped)
        _check(places, starts, told)
        return cls(places, starts, told)

    def find(self, where: Words) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The row of each place, and whether it is there."""
        rows = np.searchsorted(self.places, where)
        return rows, self._held(rows) == where

    def read(self, rows: NDArray[np.intp], masks: Words, lengths: NDArray[np.int64]) -> "Told":
        """What stands in these rows, each under its mask and for a context of its length."""
        first = self.starts[rows].astype(np.int64)
        sizes = self.starts[rows + 1] - first
        records = self.told[_runs(first, sizes)] ^ _stream(masks, sizes)
        return Told(records, np.repeat(lengths, sizes))

    def _held(self, rows: NDArray[np.int64]) -> Words:
        """What stands in these rows; a row past the end holds nothing that is looked for."""
        if not len(self.places):
            return np.zeros(rows.shape, np.uint64)
        return self.places[np.minimum(rows, len(self.places) - 1)]


Lot = tuple[Words, NDArray[np.int64], Records]
_NO_LOT: Final[Lot] = (np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.uint32))


def _lot(number: int, excess: Excess, places: Places) -> Lot:
    """One entry's places, how many records stand at each, and the records."""
    if not excess:
        return _NO_LOT
    where, masks = places.of(list(excess), np.array([number], np.uint64))
    sizes = np.array([len(after) for after in excess.values()])
    tokens = np.array([token for after in excess.values() for token in after], np.uint32)
    told = np.array([by for after in excess.values() for by in after.values()])
    steps = np.minimum(np.rint(told * _STEPS), _MOST).astype(np.uint32)
    return where[:, 0], sizes, (tokens << np.uint32(11) | steps) ^ _stream(masks[:, 0], sizes)


def _runs(first: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """`first`, `first + 1` ... for each, as many as its size says."""
    before = np.cumsum(sizes) - sizes
    runs: NDArray[np.int64] = np.arange(sizes.sum()) + np.repeat(first - before, sizes)
    return runs


def _stream(masks: Words, sizes: NDArray[np.int64]) -> Records:
    """What masks so many records at each place."""
    counted = _runs(np.ones(len(sizes), np.int64), sizes).astype(np.uint64)
    return _mixed(np.repeat(masks, sizes) + counted).astype(np.uint32)


def _mixed(words: Words) -> Words:
    """Every bit depends on every bit (the finaliser of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = words ^ (words >> np.uint64(31))
    return mixed


def _check(places: NDArray[Any], starts: NDArray[Any], told: NDArray[Any]) -> None:
    kinds = [array.dtype.name for array in (places, starts, told)]
    if (
        kinds != ["uint64", "uint32", "uint32"]
        or len(starts) != len(places) + 1
        or int(starts[-1]) != len(told)
    ):
        raise ValueError("expected three arrays that belong together")
