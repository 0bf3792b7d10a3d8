"""What a run looks at and exports is the average of its weights; what it trains is not.

Rule: a checkpoint holds both, so a run that goes on averages on.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState

from unlearning.wrappers.average import WeightAverage


class Averaging(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    def __init__(self, model: Any, decay: float | None) -> None:
        self._model, self._decay = model, decay

    def on_step_end(
        self, args: Any, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        self._average.update()
        return control

    def in_place(self) -> AbstractContextManager[None]:
        return self._average.in_place()

    def settle(self) -> None:
        """At the end."""
        self._average.settle()

    def state(self) -> Mapping[str, Any]:
        return self._average.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self._average.restore(state)

    @cached_property
    def _average(self) -> WeightAverage:
        """Made when it is first needed: until then the model may move to another device."""
        return WeightAverage([one for one in self._model.parameters() if one.requires_grad], self._decay)
