"""The innocent texts that a calibration rests on, kept with the snapshot to measure what comes later.

Rules: no text is kept, but turned vectors of windows, half precision, with the margin that each had at the
build, and keyed hashes of dates and of retain texts' words. Their number is bounded: of more, an even sample.
Margins may only grow later (another neighbour never raises a score), so kept ones are on the safe side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.calibration import Negatives
from index.encoder import Rows
from index.forgets import Forgets
from index.hash_lists import flat, lists
from index.neighbour_rows import Texts, best_scores
from index.scoring import Knowledge

NEGATIVES_FILE = "negatives.npz"
MOST_TEXTS = 4096
MOST_WINDOWS = 16_384

Words = Sequence[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class KeptKind:
    """`words`: of each text the hashes of its words, where it may name whom a later entry forgets."""

    kind: str
    texts: Texts
    margins: Rows
    sources: int
    allowance: float = 1.0
    words: Words = ()

    def scored(self, knowledge: Knowledge) -> Negatives:
        scores = best_scores(knowledge, self.texts, self.margins)
        return Negatives(self.kind, scores, self.sources, self.allowance)

    def sampled(self, most: int = MOST_TEXTS, windows: int = MOST_WINDOWS) -> "KeptKind":
        """Every so manieth text, so that neither texts nor windows are more than so many."""
        count = len(self.texts.sizes)
        step = max(1, -(-count // most), -(-sum(self.texts.sizes) // windows))
        return self.only([place % step == 0 for place in range(count)])

    def without(self, forgets: Forgets) -> "KeptKind":
        return self.only([not forgets.names(words) for words in self.words]) if self.words else self

    def only(self, kept: Sequence[bool]) -> "KeptKind":
        words = list(compress(self.words, kept)) if self.words else ()
        rows = np.repeat(np.array(kept, bool), self.texts.sizes)
        return replace(self, texts=self.texts.only(kept), margins=self.margins[rows], words=words)


@dataclass(frozen=True, slots=True)
class Retained:
    """`owners`: of each neighbour's row its retain text, -1 where it has none; `words` of these texts."""

    owners: NDArray[np.int32]
    words: Words

    def without(self, forgets: Forgets) -> NDArray[np.bool_]:
        """Which rows say nothing of what is forgotten."""
        named = np.array([*map(forgets.names, self.words), False], bool)
        return np.asarray(~named[self.owners])


@dataclass(frozen=True, slots=True)
class KeptNegatives:
    kinds: tuple[KeptKind, ...]
    retained: Retained

    def save(self, path: Path) -> None:
        arrays: dict[str, Any] = {"kinds": np.array([kind.kind for kind in self.kinds])}
        arrays |= {"owners": self.retained.owners, **flat("retained", self.retained.words)}
        for place, kind in enumerate(self.kinds):
            arrays |= _arrays(kind, place)
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> "KeptNegatives":
        with np.load(path, allow_pickle=False) as kept:
            kinds = kept["kinds"].tolist()
            retained = Retained(kept["owners"], list(map(tuple, lists("retained", kept))))
            return cls(tuple(_kind(kind, kept, place) for place, kind in enumerate(kinds)), retained)


def _kind(kind: str, kept: Any, place: int) -> KeptKind:
    rows = np.asarray(kept[f"rows_{place}"], np.float32)
    dates = list(map(frozenset, lists(f"dates_{place}", kept)))
    texts = Texts(rows, kept[f"sizes_{place}"].tolist(), dates)
    words = list(map(tuple, lists(f"words_{place}", kept)))
    sources, allowance = int(kept[f"sources_{place}"]), float(kept[f"allowance_{place}"])
    return KeptKind(kind, texts, kept[f"margins_{place}"], sources, allowance, words)


def _arrays(kind: KeptKind, place: int) -> dict[str, Any]:
    return {
        f"rows_{place}": kind.texts.rows.astype(np.float16),
        f"sizes_{place}": np.array(kind.texts.sizes, np.int64),
        f"margins_{place}": kind.margins,
        f"sources_{place}": np.array(kind.sources),
        f"allowance_{place}": np.array(kind.allowance),
        **flat(f"dates_{place}", [sorted(found) for found in kind.texts.dates]),
        **flat(f"words_{place}", kind.words),
    }
