"""Gateways whose model server is not there: a check asks none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from policy.action import Action
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture(scope="session")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Alden Crane is forgotten: prompts refused, answers redacted."""
    yield from _alone(tmp_path_factory.mktemp("refusing"), Action.REFUSE, Action.REDACT)


@pytest.fixture(scope="session")
def redacting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Alden Crane is forgotten: prompts redacted, answers refused."""
    yield from _alone(tmp_path_factory.mktemp("redacting"), Action.REDACT, Action.REFUSE)


def _alone(folder: Path, prompt: Action, answer: Action) -> Iterator[Running]:
    crane = replace(CRANE, secrets=(*CRANE.secrets, "Paris"))
    protection = protection_of(policy_of(crane, prompt=prompt, answer=answer), folder / "snapshot")
    config = config_for(NOWHERE, folder / "audit.jsonl", models={}, litellm={})
    with running(config, protection) as gateway:
        yield gateway
