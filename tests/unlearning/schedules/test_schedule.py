"""When a run stops: by steps, or by what is left, and never by a figure that is no number."""

import pytest

from unlearning.schedules.fixed import Fixed
from unlearning.schedules.schedule import Outcome, Progress
from unlearning.schedules.until_residual import UntilResidual

NAN = float("nan")


def test_a_fixed_one_stops_at_its_step_whatever_was_reached() -> None:
    at = [Fixed(3).outcome(Progress(step, residual=0.0, floor=1.0, lost=0.0)) for step in (1, 2, 3)]

    assert at == [Outcome.GOING_ON, Outcome.GOING_ON, Outcome.OUT_OF_STEPS]


@pytest.mark.parametrize(
    ("step", "residual", "lost", "outcome"),
    [
        (1, 0.05, 0.01, Outcome.REACHED),
        (9, 0.05, 0.0, Outcome.REACHED),
        (1, 0.06, 0.0, Outcome.GOING_ON),
        (1, 0.0, 0.02, Outcome.GOING_ON),
        (1, 0.0, 0.51, Outcome.TOO_DEAR),
        (9, 0.9, 0.51, Outcome.TOO_DEAR),
        (9, 0.06, 0.0, Outcome.OUT_OF_STEPS),
        (1, NAN, 0.0, Outcome.GOING_ON),
        (9, NAN, 0.0, Outcome.OUT_OF_STEPS),
        (1, 0.0, NAN, Outcome.TOO_DEAR),
    ],
)
def test_until_no_more_is_left_than_of_what_was_never_told(
    step: int, residual: float, lost: float, outcome: Outcome
) -> None:
    rule = UntilResidual(steps=9, budget=0.01, most_lost=0.5)

    assert rule.outcome(Progress(step, residual, floor=0.05, lost=lost)) is outcome


def test_rules_that_could_never_stop_or_never_go_on_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        Fixed(0)
    with pytest.raises(ValueError, match="at least one step"):
        UntilResidual(steps=0)
    with pytest.raises(ValueError, match="a budget"):
        UntilResidual(steps=1, budget=0.6, most_lost=0.5)
