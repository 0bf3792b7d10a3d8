"""All segments of a prompt as one stream of units, in arrays: a hundred thousand words in one go.

Rules: the order is that of the conversation. A view takes some of the units, those of one role, say, and what
is found in the view is found at the units' own places. Where a unit stands in its text is read only when that
is asked for, because nearly always nothing is found.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby

import numpy as np
from numpy.typing import NDArray

from filters.matcher import may_be_name
from index.rolling import Hashes
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
    """`firsts`: which unit is the first of each text, and how many there are. `read` reads a text's units."""

    texts: Sequence[str]
    hashes: Hashes
    firsts: Sequence[int]
    read: Callable[[str], list[Unit]]
    _units: dict[int, list[Unit]] = field(default_factory=dict)

    @staticmethod
    def of(
        texts: Sequence[str], hashes: Hashes, counts: Sequence[int], read: Callable[[str], list[Unit]]
    ) -> "Joined":
        return Joined(texts, hashes, list(accumulate(counts, initial=0)), read)

    def of_segments(self, wanted: Sequence[bool]) -> Places:
        """The units of the wanted segments."""
        ranges = [
            np.arange(self.firsts[segment], self.firsts[segment + 1])
            for segment, is_wanted in enumerate(wanted)
            if is_wanted
        ]
        return np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int64)

    def are_capital(self, places: Places) -> bool:
        """Whether each of these units may be a name."""
        return all(may_be_name(self._unit(place)) for place in places.tolist())

    def parts(self, places: Places) -> tuple[Part, ...]:
        """Where these units stand, a part for each segment."""
        by_segment = groupby(places.tolist(), self.segment)
        return tuple(_part(segment, [self._unit(place) for place in group]) for segment, group in by_segment)

    def segment(self, place: int) -> int:
        """In which segment this unit stands."""
        return bisect_right(self.firsts, place) - 1

    def _unit(self, place: int) -> Unit:
        segment = self.segment(place)
        units = self._units.get(segment)
        if units is None:
            units = self._units[segment] = self.read(self.texts[segment])
        return units[place - self.firsts[segment]]


def _part(segment: int, stretch: Sequence[Unit]) -> Part:
    return Part(segment, stretch[0].start, stretch[-1].end)
