"""So many steps, whatever comes of them: how published methods are run."""

from dataclasses import dataclass

from unlearning.schedules.schedule import Outcome, Progress


@dataclass(frozen=True, slots=True)
class Fixed:
    steps: int

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"expected at least one step, found {self.steps}")

    def outcome(self, progress: Progress) -> Outcome:
        return Outcome.GOING_ON if progress.step < self.steps else Outcome.OUT_OF_STEPS
