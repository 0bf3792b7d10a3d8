"""Lays the pairs of passages that came later in a level above the table of those before.

Rule: what a pair tells depends on all portions that hold it. So the rows of a pair that stands in both levels
are all laid anew above, and hide those below; and the portions that hold one are summed up anew. Law
(tests/index/segment/test_levels.py): both levels are looked up as one table of all passages is.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.columns import Held
from index.pair_laying import MOST_SHARING, PairPiece, Sharing, append_rows, told_by
from index.pair_table import NAME, Mix, PairArrays
from index.rolling import Hashes
from index.shelf import Shelf
from index.sorting import distinct, numbered, order_by
from index.table_builder import stands_in

Places = NDArray[np.int64]
_ROW = [("hash", "<u8"), ("portion", "<u4"), ("low", "<f4"), ("high", "<f4")]
_PER_ROW = ("low", "high", "low_tells", "high_tells", "portions")


def lay_pairs_above(
    below: PairArrays,
    under: Sequence[PairPiece],
    pieces: Sequence[PairPiece],
    shelf: Shelf,
    key: bytes,
    share: float,
) -> None:
    """`under`: what the level below was laid from; of these only those are opened that must be."""
    begun = list(accumulate((piece.portions for piece in (*under, *pieces)), initial=0))
    mix, first = Mix(key), begun[len(under)]
    none = np.empty(0, dtype=np.uint64)
    new = np.concatenate([none, *(_hashes(piece, mix) for piece in pieces)])
    touched = distinct(new)
    changed = distinct(below.portions[_rows_of(below.hashes, touched)[1]]).astype(np.int64)
    old = [_some(piece, changed - at) for piece, at in _holding(under, begun, changed)]
    parts = [*old, *pieces]
    hashes = np.concatenate([*(_hashes(piece, mix) for piece in old), new])
    keys = [piece.columns["pairs.keys"][piece.columns["pairs.portions"]] for piece in pieces]
    asked, numbers = numbered(hashes)
    sharing = _sharing(below, asked, numbers[len(hashes) - len(new) :], np.concatenate([none, *keys]))[
        numbers
    ]
    laid = np.flatnonzero((sharing > 0) & stands_in(asked, touched)[numbers])
    rows = np.empty(len(laid), dtype=_ROW)
    rows["hash"] = hashes[laid]
    rows["portion"] = _numbers(parts, np.concatenate((changed, np.arange(first, begun[-1]))))[laid]
    for name in ("low", "high"):
        rows[name] = np.concatenate([none, *(part.columns[f"pairs.{name}_tells"] for part in parts)])[laid]
    append_rows(shelf, rows, sharing[laid].astype(np.int64))
    shelf.append(f"{NAME}.changed.hides", touched[stands_in(touched, below.hashes)])
    shelf.append(f"{NAME}.changed.portions", changed.astype(np.uint32))
    _lay_told(parts, len(old), sharing, shelf, share)


def _lay_told(parts: Sequence[PairPiece], old: int, sharing: Sharing, shelf: Shelf, share: float) -> None:
    """What is known of portions; the first parts are of the level below, which has filters of its own."""
    said: list[Hashes] = []
    digests: list[Hashes] = []
    none = np.empty(0, dtype=np.uint64)
    for name in ("changed.facts", "facts"):
        shelf.append(f"{NAME}.{name}", np.empty((0, 3), dtype=np.uint32))
    shelf.append(f"{NAME}.keys", none)
    shelf.append(f"{NAME}.common", none)
    for place, told in enumerate(told_by(parts, sharing)):
        if place < old:
            shelf.append(f"{NAME}.changed.facts", told.facts(share))
            continue
        said += [told.low, told.high]
        digests.append(told.low + told.high)
        shelf.append(f"{NAME}.facts", told.facts(share))
        shelf.append(f"{NAME}.keys", told.piece.columns["pairs.keys"])
    shelf.append(f"{NAME}.words", bloom.fill(distinct(np.concatenate([none, *said]))))
    shelf.append(f"{NAME}.gate", bloom.fill(np.concatenate([none, *digests])))


def _hashes(piece: PairPiece, mix: Mix) -> Hashes:
    return mix.many(piece.columns["pairs.low"] + piece.columns["pairs.high"])


def _rows_of(ordered: Hashes, values: Hashes) -> tuple[Places, Places]:
    """All rows of these values, and beside each which of the values it is of."""
    begin = ordered.searchsorted(values)
    counts = ordered.searchsorted(values, side="right") - begin
    places = np.repeat(np.arange(len(values)), counts)
    steps = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, begin[places] + steps


def _holding(
    under: Sequence[PairPiece], begun: Sequence[int], changed: Places
) -> list[tuple[PairPiece, int]]:
    """The parts that have any of these portions, each with the number of its first one."""
    ends = np.searchsorted(changed, begun[: len(under) + 1])
    return [(piece, at) for piece, at, some in zip(under, begun, np.diff(ends), strict=False) if some]


def _some(piece: PairPiece, wanted: Places) -> PairPiece:
    """The part as if it had these of its portions alone. What is no number of one is passed over."""
    wanted = wanted[(wanted >= 0) & (wanted < piece.portions)]
    portions, held = piece.columns["pairs.portions"], np.zeros(piece.portions, dtype=np.bool_)
    held[wanted] = True
    chosen = np.flatnonzero(held[portions])
    columns = {f"pairs.{name}": piece.columns[f"pairs.{name}"][chosen] for name in _PER_ROW}
    columns["pairs.portions"] = (np.cumsum(held) - 1)[portions[chosen]].astype(np.uint32)
    for name in ("entries", "keys"):
        columns[f"pairs.{name}"] = piece.columns[f"pairs.{name}"][wanted]
    return PairPiece(Held(columns), piece.entries)


def _sharing(below: PairArrays, asked: Hashes, new: Places, keys: Hashes) -> Sharing:
    """For each of the hashes, which are in order, how many different portions of both levels hold the pair; 0
    for too many. `new`: which of them the rows above are, and `keys`: of the portions of these.
    """
    places, rows = _rows_of(below.hashes, asked)
    both, held = np.concatenate((places, new)), np.concatenate((below.keys[below.portions[rows]], keys))
    order = order_by(both, held)
    both, held = both[order], held[order]
    another = np.ones(len(both), dtype=np.bool_)
    another[1:] = (both[1:] != both[:-1]) | (held[1:] != held[:-1])
    counts = np.bincount(both, another, len(asked)).astype(np.int64)
    counts[(counts > MOST_SHARING) | stands_in(asked, below.common)] = 0
    return counts.astype(np.uint8)


def _numbers(parts: Sequence[PairPiece], portions: Places) -> Places:
    """Of all rows the number of the portion; `portions` are those of all parts, in order."""
    begun = list(accumulate((part.portions for part in parts), initial=0))
    none = np.empty(0, dtype=np.int64)
    of_parts = zip(parts, begun, strict=False)
    return np.concatenate([none, *(portions[at:][part.columns["pairs.portions"]] for part, at in of_parts)])
