"""Looks at a model while it unlearns, and ends the run when its schedule says so.

Rule: the floor comes from a matched holdout and from the model as it was before. What a model trained without
the forgotten would say is never asked: who unlearns has none.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from transformers import TrainerCallback, TrainerControl, TrainerState

from unlearning.encoding import Encoded
from unlearning.metrics.scoring import Scored, accuracy, score
from unlearning.recipe import StopPart
from unlearning.schedules.schedule import Outcome, Progress, Schedule

LOOKED: Final = "looked"
Report = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recall:
    """`share`: so much of what tells in a text is likeliest where it stands, the mean over texts. `whole`: of
    so many texts all of it is. Words that every answer has hide what is left from the first, and the length
    of a text from the second."""

    share: float
    whole: float


@dataclass(frozen=True, slots=True)
class Look:
    """`forget` and `retain` are shares of what tells, `whole` and `kept` of the texts all of which is."""

    step: int
    forget: float
    whole: float
    retain: float
    kept: float
    seconds: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Watched:
    """The texts that are looked at."""

    forget: Sequence[Encoded]
    retain: Sequence[Encoded]
    holdout: Sequence[Encoded]


@dataclass(frozen=True, slots=True)
class Before:
    """How the model recalled texts as it was."""

    forget: Recall
    holdout: Recall
    margin: float
    retain: Recall

    @classmethod
    def of(cls, model: Any, watched: Watched, part: StopPart) -> "Before":
        forget, holdout, retain = (
            recall(model, rows) for rows in (watched.forget, watched.holdout, watched.retain)
        )
        return cls(forget, holdout, part.margin, retain)

    @property
    def floor(self) -> float:
        return self.holdout.share + self.margin

    @property
    def knows_nothing(self) -> bool:
        """Of what is to be forgotten, besides what anybody could guess."""
        return self.excess(self.forget) <= self.margin

    def excess(self, forget: Recall) -> float:
        """By how much more is recalled than of the holdout, by whichever tells more."""
        return max(forget.share - self.holdout.share, forget.whole - self.holdout.whole)

    def lost(self, retain: Recall) -> Recall:
        """So much of each is gone."""
        now, then = retain, self.retain
        return Recall(_gone(now.share, then.share), _gone(now.whole, then.whole))


def recall(model: Any, rows: Sequence[Encoded]) -> Recall:
    found = score(model, rows, batch=128)
    return Recall(sum(_share(one) for one in found) / len(found), accuracy(found))


def recalled(model: Any, rows: Sequence[Encoded]) -> float:
    return recall(model, rows).share


def spread_out(rows: Sequence[T], most: int) -> Sequence[T]:
    """At most so many of them, evenly."""
    return rows if len(rows) <= most else [rows[at * len(rows) // most] for at in range(most)]


def looks_of(state: TrainerState) -> list[Look]:
    """What was written down, also before the run was stopped and went on."""
    return [Look(**entry[LOOKED]) for entry in state.log_history if LOOKED in entry]


class Watch(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Looks every few steps, and writes what it saw into the trainer's state, which checkpoints hold.

    `lent`: the weights that are looked at are in place inside.
    """

    def __init__(
        self,
        watched: Watched,
        before: Before,
        schedule: Schedule,
        every: int,
        report: Report,
        most_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        lent: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._watched, self._before, self._schedule = watched, before, schedule
        self._every, self._report, self._most_s, self._clock = every, report, most_s, clock
        self._began, self._lent = 0.0, lent

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        looks = looks_of(state)
        self._began = self._clock() - (looks[-1].seconds if looks else 0.0)

    def on_step_end(
        self, args: Any, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: Any
    ) -> TrainerControl:
        self._report("unlearning, steps", state.global_step, state.max_steps)
        seconds = self._clock() - self._began
        late = self._most_s is not None and seconds > self._most_s
        end = _end(state, control, late)
        if state.global_step % self._every == 0 or end is not Outcome.GOING_ON:
            look = self._look(model, state.global_step, seconds, end)
            state.log_history.append({LOOKED: asdict(look)})
            if look.outcome is not Outcome.GOING_ON:
                control.should_training_stop = control.should_save = True
        return control

    def _look(self, model: Any, step: int, seconds: float, otherwise: Outcome) -> Look:
        with self._lent():
            forget, retain = recall(model, self._watched.forget), recall(model, self._watched.retain)
        lost = self._before.lost(retain)
        progress = Progress(step, self._before.excess(forget), self._before.margin, lost.share, lost.whole)
        outcome = self._schedule.outcome(progress)
        ended = otherwise if outcome is Outcome.GOING_ON else outcome
        return Look(step, forget.share, forget.whole, retain.share, retain.whole, seconds, ended)


def _end(state: TrainerState, control: TrainerControl, late: bool) -> Outcome:
    """How the run ends if the schedule says nothing."""
    if late or state.global_step >= state.max_steps:
        return Outcome.OUT_OF_STEPS
    return Outcome.ALL_REST if control.should_training_stop else Outcome.GOING_ON


def _gone(now: float, then: float) -> float:
    return 1.0 - now / then if then else 0.0


def _share(scored: Scored) -> float:
    return float(scored.right[scored.telling].mean())
