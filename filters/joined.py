"""All segments of a prompt as one stream of units, in arrays: a hundred thousand words in one go.

Rule: the order is that of the conversation. A view takes some of the units, those of one role, say, and what
is found in the view is found at the units' own places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from filters.matcher import may_be_name
from index.rolling import Hashes, WordHash
from index.units import Unit

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """The piece of a match that stands in one segment."""

    segment: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """`capital`: which units may be part of a name."""

    hashes: Hashes
    segments: Places
    starts: Places
    ends: Places
    capital: NDArray[np.bool_]

    @staticmethod
    def of(texts: Sequence[str], read: Callable[[str], list[Unit]], word_hash: WordHash) -> "Joined":
        read_texts = [read(text) for text in texts]
        units = [unit for text in read_texts for unit in text]
        counts = [len(text) for text in read_texts]
        return Joined(
            word_hash.many(unit.text for unit in units),
            np.repeat(np.arange(len(texts)), counts),
            np.fromiter((unit.start for unit in units), np.int64, len(units)),
            np.fromiter((unit.end for unit in units), np.int64, len(units)),
            np.fromiter(map(may_be_name, units), np.bool_, len(units)),
        )

    def of_segments(self, wanted: Sequence[bool]) -> Places:
        """The units of the wanted segments."""
        return np.flatnonzero(np.array([*wanted, False])[self.segments])

    def are_capital(self, places: Places) -> bool:
        """Whether each of these units may be a name."""
        return bool(self.capital[places].all())

    def parts(self, places: Places) -> tuple[Part, ...]:
        """Where these units stand, a part for each segment."""
        first, last = places[0], places[-1]
        if self.segments[first] == self.segments[last]:
            return (Part(int(self.segments[first]), int(self.starts[first]), int(self.ends[last])),)
        grouped = (list(group) for _, group in groupby(places.tolist(), lambda place: self.segments[place]))
        return tuple(
            Part(int(self.segments[group[0]]), int(self.starts[group[0]]), int(self.ends[group[-1]]))
            for group in grouped
        )
