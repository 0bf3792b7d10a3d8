"""Lays the table of many parts' pairs.

Rule: a pair that several portions hold tells each of them only its part; portions that are the same text are
one. So what a pair tells is known when all parts are: first the pairs are sorted, then each portion is summed
up. Law (tests/index/segment): the same table comes out however the passages were divided into parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.columns import Columns
from index.pair_table import NAME, Mix, PairArrays
from index.rolling import Hashes
from index.shelf import Array, MemoryShelf, Shelf
from index.sorting import Sorter, order_by, union
from index.table_builder import Flags

EIGHTHS = 8
LEAST = 36 * EIGHTHS
# More portions than this hold it: it is a phrase of the language.
MOST_SHARING = 32
WEIGHT = MOST_SHARING
_ROW = [
    ("hash", "<u8"), ("key", "<u8"), ("portion", "<u4"), ("row", "<u8"), ("low", "<f4"), ("high", "<f4"),
]  # fmt: skip

Sharing = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PairPiece:
    """A part's columns. `entries`: how many entries the parts before it have."""

    columns: Columns
    entries: int

    def __len__(self) -> int:
        return self.columns.sizes["pairs.low"]

    @property
    def portions(self) -> int:
        return self.columns.sizes["pairs.keys"]


def lay_pairs(pieces: Sequence[PairPiece], shelf: Shelf, key: bytes, share: float) -> None:
    sharing = shelf.scratch("sharing", sum(map(len, pieces)), np.uint8)
    kept = _lay_rows(_sorted(pieces, shelf, Mix(key)), shelf, sharing)
    gate = shelf.room(f"{NAME}.gate", bloom.size(kept), np.uint64)
    words = np.empty(0, dtype=np.uint64)
    shelf.append(f"{NAME}.facts", np.empty((0, 3), dtype=np.uint32))
    shelf.append(f"{NAME}.keys", words)
    for told in _told(pieces, sharing):
        bloom.add(gate, told.low + told.high)
        words = union(words, np.concatenate((told.low, told.high)))
        shelf.append(f"{NAME}.facts", told.facts(share))
        shelf.append(f"{NAME}.keys", told.piece.columns["pairs.keys"])
    shelf.append(f"{NAME}.words", bloom.fill(words))


def shelved(shelf: MemoryShelf) -> PairArrays:
    parts = ("words", "gate", "hashes", "portions", "tells", "facts", "keys")
    return PairArrays(*(shelf[f"{NAME}.{part}"] for part in parts))


def _sorted(pieces: Sequence[PairPiece], shelf: Shelf, mix: Mix) -> Iterator[Array]:
    """All rows, by what the set holds of them, then by the text of their portion."""
    sorter, first_row, first_portion = Sorter(_ROW, ("hash", "key", "portion"), shelf.spare), 0, 0
    for piece in pieces:
        columns, portions = piece.columns, piece.columns["pairs.portions"]
        sorter.add(
            hash=mix.many(columns["pairs.low"] + columns["pairs.high"]),
            key=columns["pairs.keys"][portions],
            portion=portions + np.uint32(first_portion),
            row=np.arange(first_row, first_row + len(piece)),
            low=columns["pairs.low_tells"],
            high=columns["pairs.high_tells"],
        )
        first_row, first_portion = first_row + len(piece), first_portion + piece.portions
    return sorter.sorted()


def _lay_rows(sorted_rows: Iterator[Array], shelf: Shelf, sharing: Sharing) -> int:
    """The exact set. Writes how many portions share each row, 0 where too many do; says how many are kept."""
    count = 0
    for rows in sorted_rows:
        holding = _holding(rows)
        kept = holding <= MOST_SHARING
        sharing[rows["row"]] = np.where(kept, holding, 0)
        chosen = np.flatnonzero(kept)
        chosen = chosen[order_by(rows["hash"][chosen], rows["portion"][chosen])]
        rows, shares = np.take(rows, chosen), 1 / holding[chosen]
        tells = (rows["low"] * shares * EIGHTHS, rows["high"] * shares * EIGHTHS, shares * WEIGHT)
        shelf.append(f"{NAME}.hashes", rows["hash"])
        shelf.append(f"{NAME}.portions", rows["portion"])
        shelf.append(f"{NAME}.tells", np.rint(np.column_stack(tells)).astype(np.uint8))
        count += len(rows)
    return count


def _holding(rows: Array) -> NDArray[np.int64]:
    """How many different portions hold the pair of each row."""
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = rows["hash"][1:] != rows["hash"][:-1]
    another = first.copy()
    another[1:] |= rows["key"][1:] != rows["key"][:-1]
    groups = np.cumsum(first) - 1
    holding: NDArray[np.int64] = np.bincount(groups, another).astype(np.int64)[groups]
    return holding


@dataclass(frozen=True, slots=True)
class _Told:
    """The rows of a part that are kept."""

    piece: PairPiece
    low: Hashes
    high: Hashes
    kept: Flags
    shares: NDArray[np.float64]

    def facts(self, share: float) -> NDArray[np.uint32]:
        """A row for each portion: its entry, what is needed of it, the weight of all its pairs."""
        columns, portions = self.piece.columns, self.piece.portions
        portion = columns["pairs.portions"][self.kept].astype(np.int64)
        told = self._words(portion)
        needed = np.maximum(np.ceil(told * share), LEAST)
        weight = np.bincount(portion, np.rint(self.shares * WEIGHT), portions)
        entries = columns["pairs.entries"] + np.uint32(self.piece.entries)
        return np.column_stack((entries, needed, weight)).astype(np.uint32)

    def _words(self, portion: NDArray[np.int64]) -> NDArray[np.float64]:
        """What the different words of each portion tell, each as in the pair where it tells most."""
        columns = self.piece.columns
        low, high = (columns[f"pairs.{one}_tells"][self.kept] * self.shares for one in ("low", "high"))
        words, owners = np.concatenate((self.low, self.high)), np.concatenate((portion, portion))
        # Small numbers are sorted by their bytes.
        tells = np.rint(np.concatenate((low, high)) * EIGHTHS).astype(np.uint16)
        order = np.lexsort((tells, words, owners))
        last = np.ones(len(order), dtype=np.bool_)
        last[:-1] = (words[order][1:] != words[order][:-1]) | (owners[order][1:] != owners[order][:-1])
        chosen = order[last]
        return np.bincount(owners[chosen], tells[chosen], self.piece.portions).astype(np.float64)


def _told(pieces: Sequence[PairPiece], sharing: Sharing) -> Iterator[_Told]:
    begun = 0
    for piece in pieces:
        shared = sharing[begun : begun + len(piece)]
        kept = shared > 0
        low, high = (piece.columns[f"pairs.{one}"][kept] for one in ("low", "high"))
        yield _Told(piece, low, high, kept, 1 / shared[kept])
        begun += len(piece)
