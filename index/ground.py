"""What a threshold stands on besides the policy itself.

Rule: where it is `strict`, a rate that the negatives cannot carry is refused rather than promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.calibration import Calibration, least_negatives
from index.given import Given
from policy.entry import Retain


class CalibrationError(ValueError):
    """The threshold cannot be set as asked; gives numbers, never a text."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`innocent`: texts that nothing may be found in, grouped by source. `reported`: scores at which people
    reported false alarms. `wanted`: so many negatives at least. `anew`: what was given before counts no more;
    `kept` is that.
    """

    innocent: Sequence[Retain] = ()
    reported: Sequence[float] = ()
    wanted: int = 0
    strict: bool = False
    anew: bool = False
    kept: Given | None = None

    def check(self, calibration: Calibration) -> None:
        """Kinds too small to carry the rate alone count with the others, by their highest score."""
        count = sum(stratum.negatives for stratum in calibration.strata)
        least = max(self.wanted, least_negatives(calibration.asked))
        if self.strict and count < least:
            raise CalibrationError(
                f"expected {least} innocent texts or more for a rate of {calibration.asked:.3%}, "
                f"found {count}: give more with --negatives, or retain texts in the policy, or ask for a "
                "higher rate"
            )


NO_GROUND = Ground()
