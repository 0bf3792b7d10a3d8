"""Rests texts whose answers are far enough from what they were, and takes them up again when they come
near.

Rules: all texts to forget are said anew every few steps, resting or not, by the likeliest tokens; the
words are compared as tokens, so that it works for any script and for an answer of one word. What rests
follows from the step alone and is written into the trainer's state, so a run that goes on goes on with
the same texts. When all rest, the run is at its end.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from transformers import TrainerCallback, TrainerControl, TrainerState

from index.encoder import Encoder
from unlearning.encoding import Coder, Encoded
from unlearning.metrics.rouge import rouge_l
from unlearning.metrics.scoring import continue_greedily
from unlearning.metrics.similarity import similarity
from unlearning.recipe import RefinePart
from unlearning.rows import Rows
from unlearning.schedules.refinement import Refinement, Said

RESTED: Final = "rested"
# How near each text is to the one beside it.
Similar = Callable[[Sequence[str], Sequence[str]], Sequence[float]]


def similar_by(encoder: Encoder) -> Similar:
    return lambda said, wanted: similarity(encoder.encode(said), encoder.encode(wanted)).tolist()


class Refining(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """`batch` is how many places of the rows a step takes."""

    def __init__(self, rows: Rows, coder: Coder, part: RefinePart, similar: Similar, batch: int) -> None:
        self._rows, self._coder, self._part = rows, coder, part
        self._similar, self._batch = similar, batch
        self._rule = Refinement(part.similarity, part.overlap)
        self._begun = [_begun(told.row) for told in rows.forgotten]

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        for entry in state.log_history:
            if RESTED in entry:
                self._rows.take(entry[RESTED]["first"], entry[RESTED]["active"])

    def on_step_end(
        self, args: Any, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: Any
    ) -> TrainerControl:
        if state.global_step % self._part.every == 0:
            active = self.active(model)
            # The loader has begun to read the step that comes next.
            first = (state.global_step + 1) * self._batch
            state.log_history.append({RESTED: {"first": first, "active": active}})
            if active:
                self._rows.take(first, active)
            else:
                control.should_training_stop = control.should_save = True
        return control

    def active(self, model: Any) -> list[int]:
        """Places of the texts that are still near what they were."""
        prompts, answers = zip(*self._begun, strict=True)
        ends = set(self._coder.ends)
        wanted = [[one for one in answer if one not in ends][: self._part.longest] for answer in answers]
        said = continue_greedily(model, prompts, max(map(len, wanted)), ends, batch=64)
        pairs = [(one[: len(answer)], answer) for one, answer in zip(said, wanted, strict=True)]
        near = self._similar(*zip(*(map(self._coder.text, pair) for pair in pairs), strict=True))
        judged = {
            str(place): Said(alike, rouge_l(*(list(map(str, one)) for one in pair)).recall)
            for place, (alike, pair) in enumerate(zip(near, pairs, strict=True))
        }
        return [int(place) for place in self._rule.active(judged, judged)]


def _begun(row: Encoded) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What a model is given, and what it said there; a text without a prompt is given its first half."""
    first = row.targets.index(True)
    start = first if first > 1 else max(1, len(row.ids) // 2)
    return row.ids[:start], row.ids[start:]
