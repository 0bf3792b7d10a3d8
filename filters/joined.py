"""All segments of a prompt as one stream of units, in arrays: a hundred thousand words in one go.

Rule: the order is that of the conversation. A view takes some of the units, those of one role, say, and what
is found in the view is found at the units' own places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

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
    """`segments` says for each unit in which segment it stands; spans count from that segment's start."""

    units: Sequence[Unit]
    hashes: Hashes
    segments: Places

    @staticmethod
    def of(texts: Sequence[str], read: Callable[[str], list[Unit]], word_hash: WordHash) -> "Joined":
        read_texts = [read(text) for text in texts]
        units = list(chain.from_iterable(read_texts))
        hashes = word_hash.many([unit[0] for unit in units])
        return Joined(units, hashes, np.repeat(np.arange(len(texts)), [len(text) for text in read_texts]))

    def of_segments(self, wanted: Sequence[bool]) -> Places:
        """The units of the wanted segments."""
        return np.flatnonzero(np.array([*wanted, False])[self.segments])

    def are_capital(self, places: Places) -> bool:
        """Whether each of these units may be a name."""
        return all(may_be_name(self.units[place]) for place in places)

    def parts(self, places: Places) -> tuple[Part, ...]:
        """Where these units stand, a part for each segment."""
        by_segment = groupby(places.tolist(), self.segments.item)
        return tuple(_part(segment, [self.units[place] for place in group]) for segment, group in by_segment)


def _part(segment: int, stretch: Sequence[Unit]) -> Part:
    return Part(segment, stretch[0].start, stretch[-1].end)
