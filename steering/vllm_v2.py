"""vLLM's second interface: requests in slots, rows in any order, and what was said on the device.

Rules: rows that are not steered cost no copy; for all that are, one copy a step brings what is new to them.
Under speculative decoding each draft has a row of its own, which its request's next tokens follow only if
they come to stand. What a slot held before is forgotten when a request takes it. Never raises.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steering.directive import Directive
from steering.row import EndedRow
from steering.steerer import Steerer
from steering.step import Step, end_rows
from steering.trouble import tell

Tokens = NDArray[np.int32]


class Slot:
    """A request in its slot. `read`: how many of its tokens, the prompt's first, its row knows."""

    def __init__(self, directive: Directive, steerer: Steerer) -> None:
        self._directive = directive
        self.begin(steerer)

    def begin(self, steerer: Steerer) -> None:
        """From the first token, as the entries may be others now."""
        self.row, self.version = steerer.row(self._directive), steerer.version
        self.read = 0

    @property
    def length(self) -> int:
        return self.read

    def push(self, tokens: Tokens, prompt_length: int) -> None:
        split = max(0, min(len(tokens), prompt_length - self.read))
        self.row.push(tokens[:split].tolist(), prompt=True)
        self.row.push(tokens[split:].tolist())
        self.read += len(tokens)


class SecondInterface:
    """`states` is the engine's LogitsProcRequestState, read and never written."""

    def __init__(self, steerer: Steerer, states: Any) -> None:
        self._steerer = steerer
        self._states = states
        self._slots: dict[int, Slot] = {}

    def add(self, place: int, arguments: Any) -> bool:
        """Whether the request is steered."""
        directive = self._steerer.open(arguments)
        self._slots.pop(place, None)
        if not directive.idle:
            self._slots[place] = Slot(directive, self._steerer)
        return not directive.idle

    def apply(self, logits: Any, layout: Any) -> None:
        """`layout` is the step's LogitsContext."""
        try:
            self._steerer.renew(self._slots.values())
            step = self._step(logits.shape[1], layout)
        except Exception as error:
            tell("reading a batch", error)
            end_rows(logits, list(range(len(logits))), self._steerer.rule.ends)
            return
        step.apply(logits, self._steerer.rule)

    def _step(self, width: int, layout: Any) -> Step:
        step = Step(width)
        # Behind the last request's the lengths are padded.
        upper = layout.seq_lens_upper_bound_np[: len(layout.idx_mapping_np)]
        # A place past the end would be a fault of the device, which ends the engine.
        lengths = np.minimum(upper, self._states.all_token_ids.gpu.shape[1]).tolist()
        pairs = zip(layout.idx_mapping_np.tolist(), lengths, strict=True)
        steered = [(self._slots[place], place, length) for place, length in pairs if place in self._slots]
        if not steered:
            return step
        spans = [(place, slot.read, max(slot.read, length)) for slot, place, length in steered]
        news, rows = self._copied(spans, layout)
        of_place = rows_by_place(rows[0])
        for (slot, place, _), fresh in zip(steered, news, strict=True):
            self._add(step, slot, place, fresh, rows[:, of_place.get(place, [])], of_place.get(place, []))
        return step

    def _add(
        self, step: Step, slot: Slot, place: int, fresh: Tokens, mine: Tokens, rows: Sequence[int]
    ) -> None:
        """`mine` tells of each row of the request its slot, the position of its token, and that token."""
        if not rows:
            return
        stands = int(mine[1, 0]) + 1 - slot.read
        if not 0 <= stands <= len(fresh):
            # Tokens that were read are said to stand no more: what was said is not known.
            slot.row, stands = EndedRow(), len(fresh)
        slot.push(fresh[:stands], int(self._states.prompt_len.np[place]))
        step.add(rows[0], slot.row.edit(), plain=slot.row.plain)
        drafted = slot.row.copy() if len(rows) > 1 else slot.row
        for row, token in zip(rows[1:], mine[2, 1:].tolist(), strict=True):
            drafted.push([token])
            step.add(row, drafted.edit(), plain=drafted.plain)

    def _copied(self, spans: Sequence[tuple[int, int, int]], layout: Any) -> tuple[list[Tokens], Tokens]:
        """The tokens of these spans, and for each row its slot, position and token, in one copy."""
        import torch

        places = np.concatenate([np.full(end - start, place) for place, start, end in spans])
        columns = np.concatenate([np.arange(start, end) for _, start, end in spans])
        wanted = torch.from_numpy(np.stack([places, columns])).to(layout.pos.device, non_blocking=True)
        said = self._states.all_token_ids.gpu[wanted[0], wanted[1]]
        rows = torch.stack([layout.expanded_idx_mapping.int(), layout.pos.int(), layout.input_ids.int()])
        copied = torch.cat([said.int(), rows.reshape(-1)]).cpu().numpy()
        ends = np.cumsum([end - start for _, start, end in spans])
        return np.split(copied[: ends[-1]], ends[:-1]), copied[ends[-1] :].reshape(3, -1)


def rows_by_place(places: Tokens) -> dict[int, list[int]]:
    """The rows of each slot, in their order, which is that of the drafts."""
    found: dict[int, list[int]] = {}
    for row, place in enumerate(places.tolist()):
        found.setdefault(place, []).append(row)
    return found
