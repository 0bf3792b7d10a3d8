"""What the embedding index says about a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is the entry's similarity to the text less its margin: comparable over entries.

    `entry` is the entry's place in the snapshot. `confirmed`: it counts whatever its score, because whoever
    was asked where scores are in doubt says so.
    """

    entry: int
    score: float
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """How far innocent texts of one kind reach: `threshold` where a text has the whole rate of false alarms,
    and `rise` more for each time that its share of the rate is e times smaller.
    """

    threshold: float
    rise: float

    def at(self, share: float) -> float:
        return self.threshold - self.rise * log(share)


# Whose memory of what was judged before it is, by a name; None: nothing is looked up, and nothing kept.
Tenant = str | None


class Judge(Protocol):
    """Blocking and slow (a neural encoder): call it off the event loop.

    `threshold` is the calibrated score at and above which a hit of a lone text counts; `lines` say what it is
    for one text of many, where all of them together may raise no more false alarms. `grey` is the lower score
    from which an answer's sentences are worth judging.
    """

    threshold: float
    grey: float

    @property
    def lines(self) -> Sequence[Line]: ...

    def judge(self, texts: Sequence[str], tenants: Sequence[Tenant] = ()) -> list[tuple[Hit, ...]]:
        """For each text its best hits, best first, none below `grey`. `tenants`: of each text by whom it is
        asked; all are one where none is given.
        """
        ...
