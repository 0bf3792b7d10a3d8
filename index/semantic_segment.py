"""The semantic part of a forget request: what its own texts add to a snapshot that is in force.

Rules: nothing that a snapshot holds already is encoded again, only the request's own texts: what it says, its
probes, the same about others. No text is kept. The parts of any requests, in any order, make a generation
together with the full build that they were measured against (index/semantic_merge.py), and no other reading.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoder import Rows
from index.forgets import Forgets
from index.semantic_offset import Reach


@dataclass(frozen=True, slots=True)
class SemanticEntry:
    """`items` numbers the pieces of knowledge of its rows; `dates` are keyed hashes."""

    id: str
    rows: Rows
    items: NDArray[np.int32]
    dates: tuple[int, ...]
    reach: Reach


@dataclass(frozen=True, slots=True)
class Timing:
    """What it took, for a receipt."""

    texts: int = 0
    encoder_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SemanticSegment:
    """`neighbours`: rows of the request's sentences about others. `forgets`: which of the snapshot's own
    retain texts count no more. `ground` says by which negatives it was measured.
    """

    encoder: str
    ground: str
    entries: tuple[SemanticEntry, ...]
    neighbours: Rows
    forgets: Forgets
    timing: Timing = Timing()
