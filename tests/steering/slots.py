"""An engine's slots and layouts, fabricated: what the second interface is shown of a step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

SLOTS, LONGEST = 6, 32
# The engine rounds the number of requests up.
PADDING = (0, 0)


@dataclass
class Buffer:
    gpu: torch.Tensor

    @property
    def np(self) -> Any:
        return self.gpu.numpy()


@dataclass
class States:
    """Only what is read of a LogitsProcRequestState."""

    all_token_ids: Buffer
    prompt_len: Buffer


@dataclass
class Layout:
    """Only what is read of a LogitsContext."""

    expanded_idx_mapping: torch.Tensor
    idx_mapping: torch.Tensor
    idx_mapping_np: Any
    expanded_local_pos: torch.Tensor
    input_ids: torch.Tensor
    pos: torch.Tensor
    seq_lens_upper_bound_np: Any


@dataclass
class Slots:
    """`said` is what stands in each slot, its prompt first."""

    make_layout: Callable[..., Any] = Layout
    said: dict[int, list[int]] = field(default_factory=dict)
    states: States = field(
        default_factory=lambda: States(
            Buffer(torch.full((SLOTS, LONGEST), 5, dtype=torch.int32)),
            Buffer(torch.zeros(SLOTS, dtype=torch.int32)),
        )
    )

    def put(self, slot: int, prompt: Sequence[int], said: Sequence[int] = ()) -> None:
        self.said[slot] = []
        self.states.prompt_len.np[slot] = len(prompt)
        self.say(slot, *prompt, *said)

    def say(self, slot: int, *tokens: int) -> None:
        self.said[slot] += tokens
        self.states.all_token_ids.gpu[slot, : len(self.said[slot])] = torch.tensor(self.said[slot])

    def layout(self, *order: int, drafts: dict[int, list[int]] | None = None, slack: int = 0) -> Any:
        """The requests of a step in this order, each with a row of its own for each of its drafts.

        `slack`: by how much the engine overestimates what stands.
        """
        rows = [
            (slot, local, token, len(self.said[slot]) - 1 + local)
            for slot in order
            for local, token in enumerate([self.said[slot][-1], *(drafts or {}).get(slot, [])])
        ]
        lengths = [len(self.said[slot]) + len((drafts or {}).get(slot, [])) + slack for slot in order]
        places, local, tokens, positions = (
            torch.tensor(each, dtype=torch.int32) for each in zip(*rows, strict=True)
        )
        mapping = torch.tensor(order, dtype=torch.int32)
        return self.make_layout(
            expanded_idx_mapping=places,
            idx_mapping=mapping,
            idx_mapping_np=mapping.numpy(),
            expanded_local_pos=local,
            input_ids=tokens,
            pos=positions.long(),
            seq_lens_upper_bound_np=np.array([*lengths, *PADDING], np.int32),
        )
