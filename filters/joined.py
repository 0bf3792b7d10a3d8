"""All segments of a prompt as one stream of units, in arrays: a hundred thousand words in one go.

Rules: the order is that of the conversation. A view takes some of the units, those of one role, say, and what
is found in the view is found at the units' own places. Where a unit stands in its text is read only when that
is asked for, because nearly always nothing is found.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, starmap

import numpy as np
from numpy.typing import NDArray

from filters.also_read import AlsoRead
from filters.matcher import may_be_name
from filters.part import Part
from index.rolling import Hashes
from index.units import Unit

__all__ = ["Joined", "Part", "Places"]

Places = NDArray[np.int64]

_BARRIER = Unit("", 0, 0, False)


@dataclass(frozen=True, slots=True)
class Joined:
    """`firsts`: which unit is the first of each text, and how many there are. `read` reads a text's units.

    The first texts are the segments' own; behind them stands what was `also` read, each reading behind a text
    of its own that holds nothing but a barrier.
    """

    texts: Sequence[str]
    hashes: Hashes
    firsts: Sequence[int]
    read: Callable[[str], list[Unit]]
    also: Sequence[AlsoRead] = ()
    _units: dict[int, list[Unit]] = field(default_factory=dict)

    @staticmethod
    def of(
        texts: Sequence[str],
        hashes: Hashes,
        counts: Sequence[int],
        read: Callable[[str], list[Unit]],
        also: Sequence[AlsoRead] = (),
    ) -> "Joined":
        return Joined(texts, hashes, list(accumulate(counts, initial=0)), read, also)

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
        found: list[Part] = []
        for text, group in groupby(places.tolist(), self._text):
            if self._is_barrier(text):
                continue
            units = [self._unit(place) for place in group]
            also = self._also(text)
            spans = [(text, units[0].start, units[-1].end)]
            found += starmap(Part, spans if also is None else also.spans(*spans[0][1:]))
        return tuple(found)

    def segment(self, place: int) -> int:
        """In which segment this unit stands, or begins what it was read from."""
        text = self._text(place)
        also = self._also(text)
        return text if also is None else also.segment

    def view(self, places: Places) -> str | None:
        """How these units were read: "" as they stand. None where that only repeats what stands there."""
        text, also = self._text(int(places[0])), self._also(self._text(int(places[-1])))
        if also is None:
            return ""
        if self._text(int(places[-1])) != text:
            return None
        first, last = self._unit(int(places[0])), self._unit(int(places[-1]))
        return also.decoded.view if also.is_new(first.start, last.end) else None

    def _text(self, place: int) -> int:
        return bisect_right(self.firsts, place) - 1

    def _also(self, text: int) -> AlsoRead | None:
        """Where a text is no segment's own."""
        behind = text - (len(self.texts) - 2 * len(self.also))
        return self.also[behind // 2] if behind >= 0 else None

    def _is_barrier(self, text: int) -> bool:
        behind = text - (len(self.texts) - 2 * len(self.also))
        return behind >= 0 and behind % 2 == 0

    def _unit(self, place: int) -> Unit:
        text = self._text(place)
        if self._is_barrier(text):
            return _BARRIER
        units = self._units.get(text)
        if units is None:
            units = self._units[text] = self.read(self.texts[text])
        return units[place - self.firsts[text]]
