"""The class that vLLM loads, whichever of its two interfaces for logits processors it runs.

Rules: the same command line may flip the interface, so that one class is both, and hands on to the one it
was made for. It is imported in the process of the API too: nothing here touches a device. A request that
would break the engine, or whose directive is not good, is refused at its door.
"""

import time
from functools import cache
from typing import Any

from vllm.v1.sample.logits_processor import LogitsProcessor as FirstBase
from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor as SecondBase

from steering.admission import Door, check_sizes
from steering.loading import load_steerer
from steering.settings import read_settings
from steering.trouble import bound_log
from steering.vllm_v1 import FirstInterface
from steering.vllm_v2 import SecondInterface


class Steering(FirstBase, SecondBase):  # type: ignore[misc]
    """Three arguments are the first interface's (with its device and pinning), two the second's."""

    def __init__(self, config: Any, *rest: Any) -> None:
        if len(rest) not in (1, 2):
            raise TypeError(
                f"expected 2 or 3 arguments, found {1 + len(rest)}; this vLLM is not known to Unsay"
            )
        bound_log()
        steerer = load_steerer(read_settings(), config)
        self._first = FirstInterface(steerer) if len(rest) == 2 else None
        self._second = SecondInterface(steerer, rest[0]) if len(rest) == 1 else None

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        check_sizes(sampling_params)
        _door().check(sampling_params.extra_args, time.time())

    def is_argmax_invariant(self) -> bool:
        return False

    def update_state(self, batch_update: Any) -> None:
        assert self._first is not None
        self._first.update(batch_update)

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        assert self._second is not None
        return self._second.add(req_idx, sampling_params.extra_args)

    def apply(self, logits: Any, ctx: Any = None) -> Any:
        if self._first is not None:
            self._first.apply(logits)
        elif self._second is not None:
            self._second.apply(logits, ctx)
        return logits


@cache
def _door() -> Door:
    """Of the process that takes requests: read once, as the engine reads its settings once."""
    return Door.of(read_settings())
