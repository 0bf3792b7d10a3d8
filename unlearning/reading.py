"""What terms read of a batch, in at most two passes: one that learns, and one of the frozen model.

Rule: all parts of a batch go through a model together, so that a step costs what plain training on the same
tokens costs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unlearning.losses.forecast import Forecast, Hidden, Places
from unlearning.losses.read import Kind, Part, Read

Batch = Mapping[str, Mapping[str, Tensor]]
# Lends the frozen model while it is read.
Frozen = Callable[[], AbstractContextManager[Any]]
LEARNT = frozenset({Kind.FORECAST, Kind.HIDDEN})
FROZEN = frozenset({Kind.REFERENCE, Kind.REFERENCE_HIDDEN})
STATES = frozenset({Kind.HIDDEN, Kind.REFERENCE_HIDDEN})
# What comes with the batch, and what is the same for all batches.
GIVEN = frozenset({Kind.LIKELIHOOD, Kind.SHIFT})


@contextmanager
def without_adapter(model: Any) -> Iterator[Any]:
    """The weights that an adapter lies on are the frozen model: that costs no memory."""
    learning = model.training
    model.eval()
    try:
        with model.disable_adapter():
            yield model
    finally:
        model.train(learning)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass gave of a part."""

    logits: Tensor
    states: Tensor | None
    labels: Tensor


class Reader:
    """`layer` says whose states are read, `centres` where those of wanted answers lie."""

    def __init__(
        self, reads: frozenset[Read], layer: int, frozen: Frozen, centres: Tensor | None = None
    ) -> None:
        self._reads = reads
        self._layer = layer
        self._frozen = frozen
        self._centres = centres

    def only(self, reads: Iterable[Read]) -> "Reader":
        return Reader(frozenset(reads), self._layer, self._frozen, self._centres)

    def read(self, model: Any, batch: Batch) -> dict[Read, Any]:
        passes = {kinds: self._pass(model, batch, kinds) for kinds in (LEARNT, FROZEN)}
        seen: dict[Read, Any] = {}
        for one in self._reads:
            if one.kind in GIVEN:
                seen[one] = batch[one.part][one.kind.value]
            elif one.kind is Kind.CENTRES:
                seen[one] = self._centres
            else:
                passed = passes[LEARNT if one.kind in LEARNT else FROZEN]
                seen[one] = _seen(one.kind, passed[one.part])
        return seen

    def _pass(self, model: Any, batch: Batch, kinds: frozenset[Kind]) -> dict[Part, Pass]:
        parts = [
            part for part in Part if any(read.part is part and read.kind in kinds for read in self._reads)
        ]
        if not parts:
            return {}
        states = any(read.kind in STATES & kinds for read in self._reads)
        if kinds is LEARNT:
            return self._through(model, batch, parts, states)
        with torch.no_grad(), self._frozen() as frozen:
            return self._through(frozen, batch, parts, states)

    def _through(self, model: Any, batch: Batch, parts: Sequence[Part], states: bool) -> dict[Part, Pass]:
        together = {
            name: torch.cat([batch[part][name] for part in parts]) for name in ("input_ids", "attention_mask")
        }
        out = model(**together, output_hidden_states=states, use_cache=False)
        sizes = [len(batch[part]["labels"]) for part in parts]
        layers = out.hidden_states[self._layer].split(sizes) if states else [None] * len(parts)
        return {
            part: Pass(logits, layer, batch[part]["labels"])
            for part, logits, layer in zip(parts, out.logits.split(sizes), layers, strict=True)
        }


def _seen(kind: Kind, passed: Pass) -> Any:
    match kind:
        case Kind.FORECAST:
            return Forecast.of(passed.logits, passed.labels)
        case Kind.HIDDEN:
            assert passed.states is not None
            return Hidden.of(passed.states, passed.labels)
        case Kind.REFERENCE:
            return Places.of(passed.labels).at(passed.logits, passed.labels)
        case _:
            assert passed.states is not None
            return Places.of(passed.labels).at(passed.states, passed.labels)
