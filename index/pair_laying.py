"""Lays the table of many parts' pairs.

Rule: a pair that several portions hold tells each of them only its part; portions that are the same text are
one. So what a pair tells is known when all parts are: first the pairs are sorted, then each portion is summed
up. Law (tests/index/segment): the same table comes out however the passages were divided into parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.columns import Columns
from index.pair_table import NAME, Mix, PairArrays
from index.rolling import Hashes
from index.shelf import Array, MemoryShelf, Shelf
from index.sorting import Sorter, distinct, numbered, order_by, union
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
    for told in told_by(pieces, sharing):
        bloom.add(gate, told.low + told.high)
        words = union(words, np.concatenate((told.low, told.high)))
        shelf.append(f"{NAME}.facts", told.facts(share))
        shelf.append(f"{NAME}.keys", told.piece.columns["pairs.keys"])
    shelf.append(f"{NAME}.words", bloom.fill(words))


def shelved(shelf: MemoryShelf) -> PairArrays:
    return PairArrays(*(shelf[f"{NAME}.{part.name}"] for part in fields(PairArrays)))


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
        shelf.append(f"{NAME}.common", distinct(rows["hash"][~kept]))
        append_rows(shelf, rows[kept], holding[kept])
        count += int(np.count_nonzero(kept))
    return count


def append_rows(shelf: Shelf, rows: Array, holding: NDArray[np.int64]) -> None:
    """Rows with a hash, a portion, and what the lower and the higher word tell (`low`, `high`), in the order
    in which the set is searched.
    """
    order = order_by(rows["hash"], rows["portion"])
    rows, shares = np.take(rows, order), 1 / holding[order]
    tells = (rows["low"] * shares * EIGHTHS, rows["high"] * shares * EIGHTHS, shares * WEIGHT)
    shelf.append(f"{NAME}.hashes", rows["hash"])
    shelf.append(f"{NAME}.portions", rows["portion"])
    shelf.append(f"{NAME}.tells", np.rint(np.column_stack(tells)).astype(np.uint8))


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
class Told:
    """The rows of a part that are kept, and the share of each in what its pair tells."""

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
        words, numbers = numbered(np.concatenate((self.low, self.high)))
        tells = np.rint(np.concatenate((low, high)) * EIGHTHS).astype(np.int64)
        # Sorted as one number: the portion, the word, and in the lowest byte what it tells.
        found = np.sort(((np.concatenate((portion, portion)) * len(words) + numbers) << 8) | tells)
        last = np.ones(len(found), dtype=np.bool_)
        np.not_equal(found[1:] >> 8, found[:-1] >> 8, out=last[:-1])
        found = found[last]
        told = np.bincount((found >> 8) // max(1, len(words)), found & 255, self.piece.portions)
        return told.astype(np.float64)


def told_by(pieces: Sequence[PairPiece], sharing: Sharing) -> Iterator[Told]:
    """`sharing`: of the rows of all pieces."""
    begun = 0
    for piece in pieces:
        shared = sharing[begun : begun + len(piece)]
        kept = shared > 0
        low, high = (piece.columns[f"pairs.{one}"][kept] for one in ("low", "high"))
        yield Told(piece, low, high, kept, 1 / shared[kept])
        begun += len(piece)
