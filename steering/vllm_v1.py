"""vLLM's first interface: one row for each request, whose tokens stand in lists that the engine appends to.

Rules: what was said is read when the odds are edited, not before; a placeholder (-1) is never taken for
good, since the engine may still fill it in; requests are removed, added and moved in that order. Never
raises.
"""

from collections.abc import Sequence
from typing import Any

from steering.directive import Directive
from steering.edit import Edit
from steering.steerer import Steerer
from steering.step import Step, end_rows
from steering.trouble import tell

UNKNOWN = -1


class Listed:
    """A request whose outputs are a living list. `prompt` is None where it was given as embeddings."""

    def __init__(
        self, directive: Directive, steerer: Steerer, prompt: Sequence[int] | None, outputs: list[int]
    ) -> None:
        self._directive = directive
        self._prompt = (UNKNOWN,) if prompt is None else prompt
        self._outputs = outputs
        self.begin(steerer)

    def begin(self, steerer: Steerer) -> None:
        """From the first token, as the entries may be others now."""
        self.row, self.version = steerer.row(self._directive), steerer.version
        self._read: int | None = None

    @property
    def length(self) -> int:
        return len(self._prompt) + len(self._outputs)

    def edit(self) -> Edit | None:
        if self._read is None:
            self.row.push(self._prompt, prompt=True)
            self._read = 0
        fresh = self._outputs[self._read :]
        if UNKNOWN in fresh:
            return self._guess(fresh, fresh.index(UNKNOWN))
        self._read += len(fresh)
        self.row.push(fresh)
        return self.row.edit()

    def _guess(self, fresh: list[int], known: int) -> Edit | None:
        assert self._read is not None
        self._read += known
        self.row.push(fresh[:known])
        guessed = self.row.copy()
        guessed.push(fresh[known:])
        return guessed.edit()


class FirstInterface:
    def __init__(self, steerer: Steerer) -> None:
        self._steerer = steerer
        self._listed: dict[int, Listed] = {}
        self._lost = False

    def update(self, change: Any) -> None:
        """`change` is a BatchUpdate, or None where the batch is the same."""
        try:
            if change is not None:
                self._change(change)
        except Exception as error:
            # Whose row is whose is not known any more: nobody gets an answer.
            self._lost = True
            tell("following the batch", error)

    def apply(self, logits: Any) -> None:
        if self._lost:
            end_rows(logits, list(range(len(logits))), self._steerer.rule.ends)
            return
        try:
            self._steerer.renew(self._listed.values())
            step = self._step(logits.shape[1])
        except Exception as error:
            tell("reading a batch", error)
            end_rows(logits, list(range(len(logits))), self._steerer.rule.ends)
            return
        step.apply(logits, self._steerer.rule)

    def _step(self, width: int) -> Step:
        step, nothing = Step(width), Edit.nothing()
        for place, listed in self._listed.items():
            edit = listed.edit()
            if edit is not nothing:
                step.add(place, edit, plain=listed.row.plain)
        return step

    def _change(self, change: Any) -> None:
        for place in change.removed:
            self._listed.pop(place, None)
        for place, parameters, prompt, outputs in change.added:
            self._add(place, self._steerer.open(parameters.extra_args), prompt, outputs)
        for first, second, direction in change.moved:
            self._move(first, second, swap=direction.name == "SWAP")

    def _add(
        self, place: int, directive: Directive, prompt: Sequence[int] | None, outputs: list[int]
    ) -> None:
        self._listed.pop(place, None)
        if not directive.idle:
            self._listed[place] = Listed(directive, self._steerer, prompt, outputs)

    def _move(self, first: int, second: int, *, swap: bool) -> None:
        moved, met = self._listed.pop(first, None), self._listed.pop(second, None)
        if moved is not None:
            self._listed[second] = moved
        if swap and met is not None:
            self._listed[first] = met
