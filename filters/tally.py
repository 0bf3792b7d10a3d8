"""What a text has told of one portion of a passage, word by word, in its last units.

Rule: a word counts once, as in the pair where it tells most; what was said STRETCH units ago counts no more.
"""

from index.pair_search import Met

STRETCH = 256


class Tally:
    """`seen`: by word, how much it tells and which unit said it last."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: dict[int, tuple[int, int]] = {}

    def add(self, met: Met, at: int) -> None:
        for word, tells in met.words:
            before, when = self.seen.get(word, (0, at))
            self.seen[word] = max(tells, before if at - when < STRETCH else 0), at

    def told(self, at: int, within: int = STRETCH) -> int:
        """In all, as it stands at this unit, or in so many last units."""
        return sum(tells for tells, when in self.seen.values() if at - when < within)

    def is_old(self, at: int) -> bool:
        """Whether nothing of it counts any more."""
        return all(at - when >= STRETCH for _, when in self.seen.values())
