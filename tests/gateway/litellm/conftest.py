"""Gateways with LiteLLM's door and no model server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy.action import Action
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running

NOWHERE = "http://127.0.0.1:9/v1"
FORGOTTEN = replace(CRANE, secrets=(*CRANE.secrets, "Paris"))


@pytest.fixture(scope="session")
def blocking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Prompts refused, answers redacted, and changes not applied."""
    yield from _alone(tmp_path_factory.mktemp("blocking"), Action.REFUSE, litellm={})


@pytest.fixture(scope="session")
def applying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Prompts and answers redacted."""
    yield from _alone(tmp_path_factory.mktemp("applying"), Action.REDACT, litellm={"changes": "all"})


@pytest.fixture(scope="session")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Prompts let through, answers redacted; media go on unread."""
    settings, limits = {"changes": "all"}, {"media": "inline"}
    yield from _alone(tmp_path_factory.mktemp("passing"), Action.ALLOW, litellm=settings, limits=limits)


def _alone(folder: Path, prompt: Action, **rest: Any) -> Iterator[Running]:
    protection = protection_of(policy_of(FORGOTTEN, prompt=prompt), folder / "snapshot")
    with running(config_for(NOWHERE, folder / "audit.jsonl", models={}, **rest), protection) as gateway:
        yield gateway
