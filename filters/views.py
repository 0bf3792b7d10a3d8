"""Views: the orders in which the units of a prompt are read, laid one behind the other.

Rule: first all units in the order of the conversation. Then, for each role that speaks more than once with
another in between, those units around such a place, because only there can its own order show something new.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from filters.joined import Joined, Places
from filters.segment import Segment
from index.pattern_table import PatternTable
from index.rolling import Hashes
from index.table_search import Found, find


@dataclass(frozen=True, slots=True)
class Views:
    """`places` says which unit is read; where `ranks` follow each other, the units do. `first` is how many
    units are read in the order of the conversation.
    """

    hashes: Hashes
    places: Places
    ranks: Places
    first: int

    @staticmethod
    def of(joined: Joined, segments: Sequence[Segment], longest: int) -> "Views":
        """`longest`: how many units a sequence has at most."""
        everything = np.arange(len(joined.hashes))
        places, ranks, rank = [everything], [everything], len(everything) + 1
        for view in _of_roles(joined, segments):
            around = _around_seams(view, longest)
            places.append(view[around])
            ranks.append(around + rank)
            rank += len(view) + 1
        if len(places) == 1:
            return Views(joined.hashes, everything, everything, len(everything))
        order = np.concatenate(places)
        return Views(joined.hashes[order], order, np.concatenate(ranks), len(everything))

    def hits(self, table: PatternTable) -> Iterator[tuple[Places, Found]]:
        """Every hit, with the places of its units."""
        for hit in find(table, self.hashes):
            last = hit.start + hit.length - 1
            places = self.places[hit.start : last + 1]
            # What stands together in the conversation is seen there.
            apart = last >= self.first and places[-1] - places[0] >= hit.length
            if last < self.first or (apart and self._together(hit.start, last)):
                yield places, hit

    def _together(self, first: int, last: int) -> bool:
        return bool(self.ranks[last] - self.ranks[first] == last - first)


def _of_roles(joined: Joined, segments: Sequence[Segment]) -> Iterator[Places]:
    if len(segments) < 3:
        return
    # Who does not speak again after another has said all of it in the order of the conversation.
    for role, turns in Counter(role for role, _ in groupby(segment.role for segment in segments)).items():
        if turns > 1:
            yield joined.of_segments([segment.role is role for segment in segments])


def _around_seams(view: Places, longest: int) -> Places:
    """Where in the view a sequence may lie that goes over from one stretch of units to the next."""
    around = np.zeros(len(view), dtype=np.bool_)
    for seam in np.flatnonzero(np.diff(view) > 1).tolist():
        around[max(0, seam + 2 - longest) : seam + longest] = True
    return np.flatnonzero(around)
