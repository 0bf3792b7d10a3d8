"""Follows loosely written names through a stream of units, and knows what must not go out yet.

Rule: nothing of what may still become a name goes out, neither its words nor what stands between them.
"""

from collections import deque
from collections.abc import Sequence

from filters.matcher import Match, may_be_name
from index.loose_names import Loose, LooseFollower, LooseNames
from index.units import Unit

# No name has more units, with what stands in between: longer ones are not followed.
LONGEST = 64


class LooseMatcher:
    """`held_from`: where the first unit that must wait begins. `begun`: whether the last units matter to what
    comes; where they do not, only a word of a name or a single letter does.
    """

    __slots__ = ("_follower", "_units", "begun", "held_from")

    def __init__(self, names: LooseNames) -> None:
        self._follower = LooseFollower(names)
        self._units: deque[Unit] = deque(maxlen=LONGEST)
        self.held_from: int | None = None
        self.begun = False

    def push(self, unit: Unit) -> Sequence[Match]:
        self._units.append(unit)
        found = self._follower.push(unit.text, unit.capital)
        held = self._follower.open
        self.begun = held > 0 or self._follower.said
        self.held_from = self._units[-held].start if held else None
        # In an answer what may be another's name is that.
        return [self._match(loose) for loose in found if not loose.shared] if found else ()

    def restart(self, units: Sequence[Unit]) -> None:
        """Go on after units of which these are the last."""
        self._follower.clear()
        for unit in units:
            self.push(unit)

    def _match(self, loose: Loose) -> Match:
        units = list(self._units)[-loose.units :]
        capitals = all(map(may_be_name, units))
        start, end = units[0].start, units[-1].end
        return Match(loose.owner, loose.digest, start, end, capitals, begin=start)
