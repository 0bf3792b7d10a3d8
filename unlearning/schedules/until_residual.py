"""Until no more can be drawn out of the forget items than of matched items that the model was never told.

Rules: it is reached at the first evaluation where the residual is down to the floor and no more is lost, of
words and of whole answers, than the budget allows; a loss over the budget may come back, one of words beyond
`most_lost` ends the run (whole answers break at once and heal); so does the last step. A figure that is no
number never counts as reached. The floor is Jang et al.'s idea (2023, arXiv 2210.01504): thresholds are what
the model itself scores on text it has not seen.
"""

from dataclasses import dataclass

from unlearning.schedules.schedule import Outcome, Progress


@dataclass(frozen=True, slots=True)
class UntilResidual:
    steps: int
    budget: float = 0.01
    most_lost: float = 0.5

    def __post_init__(self) -> None:
        if self.steps < 1 or not 0 <= self.budget <= self.most_lost:
            raise ValueError("expected at least one step, and a budget from 0 to what may be lost at most")

    def outcome(self, progress: Progress) -> Outcome:
        kept = progress.lost <= self.budget and progress.lost_whole <= self.budget
        if progress.residual <= progress.floor and kept:
            return Outcome.REACHED
        if not progress.lost <= self.most_lost:
            return Outcome.TOO_DEAR
        return Outcome.GOING_ON if progress.step < self.steps else Outcome.OUT_OF_STEPS
