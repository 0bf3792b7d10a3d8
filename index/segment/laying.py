"""Lays the arrays of a snapshot from those of its parts.

Laws (tests/index/segment/test_merge.py): parts of one policy, however it was divided, give the arrays that it
gives as a whole; and what is read of them in memory does not grow with their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from index.anchors import ANCHORS
from index.letters_build import lay_letters
from index.levels import mapped
from index.loose_build import lay_loose
from index.names import DIGITS, FACTS, OWNERS, PASSAGES, PHRASES
from index.pair_above import lay_pairs_above
from index.pair_laying import PairPiece, lay_pairs
from index.pair_table import PairArrays
from index.rolling import Hashes
from index.segment.segment import Segment
from index.segment.settings import Settings
from index.shelf import Shelf
from index.sorting import union
from index.table_builder import stands_in
from index.table_laying import Piece, lay_table
from index.telling import aparts


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment, and how many entries, passages and phrases the segments before it have."""

    segment: Segment
    entries: int
    passages: int
    phrases: int


def placed(segments: Sequence[Segment]) -> list[Placed]:
    entries = _begun([len(one.entries) for one in segments])
    # An entry that goes on in the next segment is one entry.
    gone_on = list(accumulate(one.header.goes_on for one in segments))
    passages = _begun([sum(entry.passages for entry in one.entries) for one in segments])
    phrases = _begun([one.columns.sizes["facts.rows"] for one in segments])
    return [
        Placed(one, entries[place] - gone_on[place], passages[place], phrases[place])
        for place, one in enumerate(segments)
    ]


def lay(parts: Sequence[Placed], settings: Settings, shelf: Shelf, key: bytes) -> None:
    _lay_patterns(parts, settings, shelf, key)
    lay_pairs(_of_entries(parts, settings), shelf, key, settings.coverage or 0.0)
    _lay_facts(parts, shelf)
    shelf.append(ANCHORS, _anchors(parts))


def lay_above(
    below: Path,
    under: Sequence[Placed],
    parts: Sequence[Placed],
    settings: Settings,
    shelf: Shelf,
    key: bytes,
) -> None:
    """The level above the arrays of this folder, which were laid from the parts before these."""
    _lay_patterns(parts, settings, shelf, key, under)
    pairs = _of_entries(under, settings), _of_entries(parts, settings)
    lay_pairs_above(PairArrays.load(below), *pairs, shelf, key, settings.coverage or 0.0)
    _lay_facts([*under, *parts], shelf)
    anchors = _anchors(parts)
    shelf.append(ANCHORS, anchors[~stands_in(anchors, mapped(below, ANCHORS))])


def _lay_patterns(
    parts: Sequence[Placed], settings: Settings, shelf: Shelf, key: bytes, under: Sequence[Placed] = ()
) -> None:
    of_passages = [Piece(part.segment.columns, part.passages) for part in parts]
    of_phrases, below = (
        [Piece(part.segment.columns, part.phrases) for part in some] for some in (parts, under)
    )
    lay_table(PASSAGES, of_passages, shelf, settings.reveal)
    lay_table(PHRASES, of_phrases, shelf, 0)
    lay_table(DIGITS, of_phrases, shelf, 0)
    letters = [(part.segment.columns, part.phrases, part.passages) for part in parts]
    lay_letters(letters, shelf, key, [piece.columns for piece in below])
    lay_loose(of_phrases, shelf, below)
    shelf.append(OWNERS, np.empty(0, dtype=np.uint32))
    for part in parts:
        counts = [entry.passages for entry in part.segment.entries]
        shelf.append(OWNERS, (np.repeat(np.arange(len(counts)), counts) + part.entries).astype(np.uint32))


def _of_entries(parts: Sequence[Placed], settings: Settings) -> list[PairPiece]:
    """None where passages are known by their windows alone."""
    parts = [] if settings.coverage is None else parts
    return [PairPiece(part.segment.columns, part.entries) for part in parts]


def _begun(counts: Sequence[int]) -> list[int]:
    return list(accumulate(counts, initial=0))


def _lay_facts(parts: Sequence[Placed], shelf: Shelf) -> None:
    """How much a phrase tells depends on how many entries have it."""
    rows, held, forms = (
        np.concatenate([part.segment.columns[f"{FACTS}.{name}"] for part in parts])
        for name in ("rows", "held", "forms")
    )
    sizes = [part.segment.columns.sizes["facts.rows"] for part in parts]
    rows[:, 0] += np.repeat(np.array([part.entries for part in parts], dtype=np.uint32), sizes)
    sources = np.repeat(np.array([part.segment.header.sources for part in parts], dtype=np.int64), sizes)
    apart = aparts(forms, rows[:, 0].astype(np.int64), held.astype(np.int64), sources)
    shelf.append(FACTS, np.column_stack((rows[:, :5], apart.astype(np.uint32), rows[:, 5])))


def _anchors(parts: Sequence[Placed]) -> Hashes:
    anchors = np.empty(0, dtype=np.uint64)
    for part in parts:
        anchors = union(anchors, part.segment.columns[ANCHORS])
    return anchors
