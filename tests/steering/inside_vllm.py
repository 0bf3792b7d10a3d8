"""Run by the interpreter that has vLLM: our class behind vLLM's own loaders, batches and layouts.

Prints what was found as JSON; `test_vllm.py` says what it must be.
"""

import json
import random
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import LogitsProcessors, _load_logitsprocs_by_fqcns
from vllm.v1.worker.gpu.sample.logits_processor import (
    LogitsContext,
    build_custom_logits_processors_params_validator,
)
from vllm.v1.worker.gpu.sample.logits_processor.loader import _load_v2_logitsprocs_by_fqcns
from vllm.v1.worker.gpu_input_batch import CachedRequestState, InputBatch

from steering import vllm as ours
from tests.steering.fakes import FORBIDDEN, steerer
from tests.steering.slots import Slots

NAME = ["unsay.engine_plugin:Steering"]
ROWS, LONGEST, WIDTH = 6, 64, 12
STEPS = 400


def loaded() -> dict[str, bool]:
    """Both loaders find the same class, and import no device."""
    first, second = _load_logitsprocs_by_fqcns(NAME), _load_v2_logitsprocs_by_fqcns(NAME)
    return {"the same class": first == second, "no device": not torch.cuda.is_initialized()}


def refused() -> str:
    validate = build_custom_logits_processors_params_validator(NAME)
    try:
        validate(SamplingParams(extra_args={"unsay": "forged"}))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


class Lived:
    """The engine's own batch, through requests that come, end, are set aside and come back."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.processor = made(SimpleNamespace(), "cpu", False)
        self.batch = InputBatch(
            ROWS, LONGEST, 256, torch.device("cpu"), WIDTH, [16], [4],
            logitsprocs=LogitsProcessors([self.processor]),
        )  # fmt: skip
        self.requests: dict[str, CachedRequestState] = {}
        self.count = 0

    def step(self) -> tuple[int, int]:
        """How many rows were as they should be, of how many."""
        self._change()
        self.batch.condense()
        if self.batch.num_reqs > 1 and self.rng.random() < 0.3:
            self.batch.swap_states(0, self.batch.num_reqs - 1)
        self.batch.refresh_metadata()
        logits = torch.zeros(self.batch.num_reqs, WIDTH)
        self.processor.apply(logits)
        right = 0
        for place, name in enumerate(self.batch.req_ids):
            said = self.requests[name]
            history = [*(said.prompt_token_ids or ()), *said.output_token_ids]
            expected = {FORBIDDEN[-1]} if tuple(history[-2:]) == FORBIDDEN[:-1] else set()
            right += set(torch.isneginf(logits[place]).nonzero().flatten().tolist()) == expected
            said.output_token_ids.append(self.rng.choice(FORBIDDEN))
        return right, self.batch.num_reqs

    def _change(self) -> None:
        for name in list(self.batch.req_id_to_index):
            if self.rng.random() < 0.25:
                self.batch.remove_request(name)
                if self.rng.random() < 0.5:
                    del self.requests[name]
        aside = [name for name in self.requests if name not in self.batch.req_id_to_index]
        if aside and self.batch.num_reqs < ROWS:
            back = self.requests[aside[0]]
            back.output_token_ids = list(back.output_token_ids)
            self.batch.add_request(back)
        while self.batch.num_reqs < ROWS and self.rng.random() < 0.5:
            self.count += 1
            self.batch.add_request(self._new())

    def _new(self) -> CachedRequestState:
        prompt = [self.rng.choice(FORBIDDEN) for _ in range(self.rng.randint(1, 4))]
        name = str(self.count)
        self.requests[name] = CachedRequestState(
            name, prompt, [], SamplingParams(), None, ([0],), 0, []
        )  # fmt: skip
        return self.requests[name]


def made(*arguments: Any) -> Any:
    """Our class with an artefact that is easy to foretell."""
    with patch.multiple(ours, load_steerer=lambda settings, config: steerer(), read_settings=lambda: None):
        return ours.Steering(*arguments)


def first_interface() -> list[int]:
    lived = Lived(seed=7)
    rows = [lived.step() for _ in range(STEPS)]
    return [sum(right for right, _ in rows), sum(of for _, of in rows)]


def second_interface() -> list[list[int]]:
    slots = Slots(make_layout=LogitsContext)
    processor = made(SimpleNamespace(), slots.states)
    slots.put(2, [1, 5])
    steered = processor.add_request(2, SamplingParams())
    logits = torch.zeros(3, WIDTH)
    processor.apply_staged_writes()
    processor.apply(logits, slots.layout(2, drafts={2: [6, 7]}))
    return [[int(steered)], *(torch.isneginf(row).nonzero().flatten().tolist() for row in logits)]


if __name__ == "__main__":
    found = {
        "loaded": loaded(),
        "refused": refused(),
        "first": first_interface(),
        "second": second_interface(),
    }
    json.dump(found, sys.stdout)
