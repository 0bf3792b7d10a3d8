"""A threshold with a promise: conformal, one number for all entries, honest about what its negatives carry.

Each kind of negative is a stratum with its own quantile, and the highest counts: then the rate holds for
every kind by itself, and for any mixture of them. With n negatives the (n + 1) correction makes the promise
hold on average over the draw of the negatives; a rate below 1 / (n + 1) cannot be promised, the largest
score is used instead, and the calibration says so.

A prompt of many sentences may raise no more false alarms than one of one sentence: each gets a share of the
rate, and its threshold is the quantile at that share of it. No policy has the hundred thousand negatives that
would carry such a rate by themselves, so beyond the asked rate scores are taken to fall off exponentially.
That is on the safe side: similarities are bounded, so their tail falls off faster, and the mean excess over
a lower level, which measures it here, is not below that over a higher one. Kinds with an allowance do not
rise: nobody asks many of those at once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.similarity import Line

# An answer's sentences are worth judging from the score that ten times as many innocent texts reach.
GREY_FACTOR = 10.0
MOST_RATE = 0.5
# The mean excess is measured over so large a part of the scores, and over so many at least.
TAIL = 0.05
LEAST_TAIL = 20
RATES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
REPORTED = "reported"
# A score that no text can reach: similarities are at most 1 and a margin only takes away.
UNREACHABLE = 2.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """What one kind of negative said. `promised`: the rate that its number can carry, at least the asked.

    `rise`: by how much its threshold rises for a share of 1/e of the rate. `curve`: the scores that so many
    of them reach as RATES says, as far as their number tells.
    """

    kind: str
    negatives: int
    sources: int
    threshold: float
    grey: float
    promised: float
    rise: float
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    asked: float
    promised: float
    threshold: float
    grey: float
    strata: tuple[Stratum, ...]

    @property
    def kept(self) -> bool:
        """Whether the rate that was asked for could be promised."""
        return self.promised <= self.asked

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(Line(stratum.threshold, stratum.rise) for stratum in self.strata)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"strata": [asdict(stratum) for stratum in self.strata], "kept": self.kept}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Calibration":
        strata = tuple(Stratum(**{**one, "curve": tuple(one["curve"])}) for one in value["strata"])
        return cls(value["asked"], value["promised"], value["threshold"], value["grey"], strata)


@dataclass(frozen=True, slots=True)
class Negatives:
    """Scores of innocent texts of one kind, none of them seen by the margins that scored it."""

    kind: str
    scores: Sequence[float]
    sources: int
    # A kind harder than anything that people ask may be given a multiple of the rate.
    allowance: float = 1.0


def calibrate(negatives: Sequence[Negatives], rate: float, reported: Sequence[float] = ()) -> Calibration:
    """Without any negative nothing counts as a hit: there is no ground for a threshold.

    `reported`: scores of false alarms that people reported; what comes no nearer does not count again.
    """
    strata = tuple(_stratum(kind, rate) for kind in negatives if kind.scores)
    if not strata:
        return Calibration(rate, 1.0, UNREACHABLE, UNREACHABLE, ())
    if reported:
        strata = (*strata, _above(reported, rate))
    return Calibration(
        asked=rate,
        promised=max(stratum.promised for stratum in strata),
        threshold=max(stratum.threshold for stratum in strata),
        grey=_grey(strata, rate),
        strata=strata,
    )


def _grey(strata: Sequence[Stratum], rate: float) -> float:
    """Grey only costs time, so kinds too few to carry its rate do not push it up to their largest score."""
    wanted = min(MOST_RATE, rate * GREY_FACTOR)
    carrying = [stratum for stratum in strata if stratum.promised <= wanted] or strata
    return min(max(stratum.grey for stratum in carrying), max(stratum.threshold for stratum in strata))


def least_negatives(rate: float) -> int:
    """How many negatives can carry the rate."""
    return math.ceil(1.0 / rate - 1e-9) - 1


def quantile(scores: Sequence[float], rate: float) -> float:
    """The smallest score that at most `rate` of new scores from the same source reach, on average.

    The ceil((n + 1)(1 - rate))-th smallest, the largest when there is no such: a score counts when it is
    above it.
    """
    ordered = sorted(scores)
    rank = math.ceil((len(ordered) + 1) * (1.0 - rate) - 1e-9)
    return ordered[min(rank, len(ordered)) - 1]


def mean_excess(scores: Sequence[float]) -> float:
    """By how much the highest scores lie above the level that they begin at, on average."""
    ordered = sorted(scores)
    highest = ordered[-max(LEAST_TAIL, math.ceil(TAIL * len(ordered))) :]
    return sum(score - highest[0] for score in highest) / len(highest)


def _stratum(negatives: Negatives, asked: float) -> Stratum:
    count, rate = len(negatives.scores), min(MOST_RATE, asked * negatives.allowance)
    return Stratum(
        kind=negatives.kind,
        negatives=count,
        sources=negatives.sources,
        # "At and above the threshold" is a hit, so the threshold is the next number after the quantile.
        threshold=math.nextafter(quantile(negatives.scores, rate), math.inf),
        grey=math.nextafter(quantile(negatives.scores, min(MOST_RATE, rate * GREY_FACTOR)), math.inf),
        promised=max(asked, 1.0 / (count + 1) / negatives.allowance),
        rise=mean_excess(negatives.scores) if negatives.allowance <= 1.0 else 0.0,
        curve=tuple(quantile(negatives.scores, share) for share in RATES if share * (count + 1) >= 1),
    )


def _above(reported: Sequence[float], asked: float) -> Stratum:
    """They were picked because they are high, so they carry no rate, and none is asked of them."""
    threshold = math.nextafter(max(reported), math.inf)
    return Stratum(REPORTED, len(reported), len(reported), threshold, 0.0, asked, 0.0)
