"""The same steering for transformers: a logits processor for `generate`, where no engine serves.

Rules: one processor serves one call of `generate` at a time; rows are known by what they have said, so that
beams may be dropped, doubled and reordered between steps. Never raises.
"""

from typing import Any

from transformers import LogitsProcessor

from steering.directive import Directive
from steering.steerer import STRICT, AnyRow, Steerer
from steering.step import Step


class SteeringProcessor(LogitsProcessor):  # type: ignore[misc]
    def __init__(self, steerer: Steerer, directive: Directive = STRICT) -> None:
        self._steerer = steerer
        self._directive = directive
        self._rows: dict[bytes, AnyRow] = {}

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        before, self._rows = self._rows, {}
        step = Step(scores.shape[1])
        for place, said in enumerate(input_ids.cpu().numpy()):
            row = self._rows[said.tobytes()] = self._row(said, before)
            step.add(place, row.edit(), plain=row.plain)
        edited = scores.clone()
        step.apply(edited, self._steerer.rule)
        return edited

    def _row(self, said: Any, before: dict[bytes, AnyRow]) -> AnyRow:
        """What nobody has said a token less of is a prompt."""
        parent = before.get(said[:-1].tobytes())
        row = self._steerer.row(self._directive) if parent is None else parent.copy()
        row.push(said.tolist() if parent is None else said[-1:].tolist(), prompt=parent is None)
        return row
