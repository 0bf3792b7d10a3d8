"""By how much an entry that comes later is lowered, so that the threshold in force keeps its rate.

Rule: the rate of false alarms is split, evenly, over all entries. Of E entries that a full build has
calibrated and J that came later, each later one may raise 1/(E + J) of the rate, the earlier ones together
E/(E + J): these add up to the rate, whatever the scores of different entries have to do with each other.

What a part of the rate asks for is read from a kind's line, as for prompts of many pieces
(index/calibration.py): its conformal threshold at the whole rate, which holds with n + 1 of n negatives,
and beyond it the mean excess for each time that the part is e times smaller. Where the threshold in force
is lower than that, the entry is lowered by the difference. So a large policy's entries hardly move: its
threshold lies high, and few texts come near any one entry. A later entry's own strangers say what its own
questions about somebody else reach, whatever the others do: their line counts at the whole rate, as when a
full build draws them evenly from all entries.

A kind too small to carry the rate cannot carry a part of it either: there the largest score counts, as in
a full build, and the promise says what that is worth for so many entries.

The lines go on with the calibration, so that long prompts share the rate as before. The next full build
calibrates all entries together and needs no split.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.calibration import Calibration, Stratum
from index.similarity import Line

LATER = "later entry"


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind's line, and whether its negatives are enough to carry the rate."""

    line: Line
    carries: bool

    @classmethod
    def of(cls, stratum: Stratum, asked: float) -> "Counted":
        carries = (stratum.negatives + 1) * asked >= 1.0
        return cls(Line(stratum.threshold, stratum.rise), carries)

    def with_part(self, part: float) -> Line:
        return Line(self.line.at(part), self.line.rise) if self.carries else self.line


@dataclass(frozen=True, slots=True)
class Reach:
    """How near innocent texts come to one entry, before it is lowered.

    `generic`: by how much generic texts alone lower it. `others` are lines of the negatives that all entries
    share, `own` those of texts that only this entry's are likely to meet.
    """

    generic: float
    others: tuple[Counted, ...]
    own: tuple[Line, ...]

    def at(self, part: float) -> tuple[Line, ...]:
        """Its lines with so much of the rate."""
        return (*(counted.with_part(part) for counted in self.others), *self.own)

    def lowered(self, threshold: float, part: float) -> float:
        return max(self.generic, *(line.threshold - threshold for line in self.at(part)), 0.0)


def together(calibration: Calibration, part: float) -> float:
    """What the entries of the full build are lowered by, when only this part of the rate is theirs."""
    lines = (Counted.of(stratum, calibration.asked).with_part(part) for stratum in calibration.strata)
    return max([0.0, *(line.threshold - calibration.threshold for line in lines)])


def split(calibration: Calibration, reaches: Sequence[Reach], earlier: int) -> Calibration:
    """With the later entries' lines. `earlier`: how many entries the full build has."""
    if not reaches:
        return calibration
    parts = earlier + len(reaches)
    first, later = (earlier / parts if earlier else 1.0), 1.0 / parts
    lowered = together(calibration, first)
    strata = [_moved(stratum, calibration, first, lowered) for stratum in calibration.strata]
    lines = [
        [
            Line(line.threshold - reach.lowered(calibration.threshold, later), line.rise)
            for line in reach.at(later)
        ]
        for reach in reaches
    ]
    strata.append(_later(lines, calibration))
    return replace(calibration, promised=_promised(calibration, len(reaches)), strata=tuple(strata))


def _promised(calibration: Calibration, later: int) -> float:
    """Where largest scores count, each later entry's may be passed as often as those of the full build."""
    if calibration.kept:
        return calibration.promised
    return min(1.0, calibration.promised * (1 + later))


def _later(lines: Sequence[Sequence[Line]], calibration: Calibration) -> Stratum:
    """One line for all: none lies over the threshold. How steep they are is averaged, as in one pool."""
    highest = max(line.threshold for one in lines for line in one)
    steepest = [max(line.rise for line in one) for one in lines]
    return Stratum(
        kind=LATER,
        negatives=0,
        sources=len(lines),
        threshold=min(highest, calibration.threshold),
        grey=calibration.grey,
        promised=calibration.promised,
        rise=sum(steepest) / len(steepest),
    )


def _moved(stratum: Stratum, calibration: Calibration, part: float, lowered: float) -> Stratum:
    reached = Counted.of(stratum, calibration.asked).with_part(part).threshold - lowered
    return replace(stratum, threshold=min(calibration.threshold, reached))
