"""One gateway for each shape of a refusal, and one that redacts; two people are forgotten, and two texts."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from policy.action import Action
from tests.gateway.canned import Canned
from tests.gateway.oracle.forgotten import ENTRIES, Nearby
from tests.gateway.running import Running, config_for, policy_of, protection_of, running

SHAPES = ("answer", "refusal", "content_filter", "error")


@dataclass(frozen=True, slots=True)
class Gateways:
    canned: Canned
    judge: Nearby
    by_shape: dict[str, Running]
    redacting: Running


@pytest.fixture(scope="package")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    folder, judge = tmp_path_factory.mktemp("constant"), Nearby()
    with ExitStack() as stack:
        canned = stack.enter_context(Canned())

        def started(name: str, prompt: Action, shape: str) -> Running:
            policy = policy_of(*ENTRIES, prompt=prompt)
            protection = protection_of(policy, folder / name, judge=judge)
            log = folder / f"{name}.jsonl"
            config = config_for(canned.base_url, log, refusal=shape, litellm={}, memory=None)
            return stack.enter_context(running(config, protection))

        by_shape = {shape: started(shape, Action.REFUSE, shape) for shape in SHAPES}
        yield Gateways(canned, judge, by_shape, started("redacting", Action.REDACT, "answer"))
