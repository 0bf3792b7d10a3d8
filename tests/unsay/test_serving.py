"""An engine of our own steers where it can; nobody is promised steering by one that cannot."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import SteeringMode
from unsay.launch import EngineError, EngineKind
from unsay.serving import Choice, configuration


@pytest.fixture
def choice(tmp_path: Path) -> Choice:
    """Everything by default."""
    return Choice(
        policy=tmp_path / "policy.yaml",
        config=None,
        upstream=None,
        engine=EngineKind.VLLM,
        model=None,
        host=None,
        port=None,
        workers=None,
        steering=None,
        state=tmp_path,
        environment=os.environ,
    )


def mode(choice: Choice) -> SteeringMode:
    return configuration(choice).steering.mode


def test_vllm_steers_unless_it_is_told_not_to(choice: Choice) -> None:
    assert mode(choice) is SteeringMode.PREFERRED
    assert mode(replace(choice, steering="required")) is SteeringMode.REQUIRED
    assert mode(replace(choice, steering="off")) is SteeringMode.OFF


def test_another_engine_does_not_steer_and_does_not_promise_to(choice: Choice) -> None:
    other = replace(choice, engine=EngineKind.TRANSFORMERS)
    assert mode(other) is SteeringMode.OFF
    with pytest.raises(EngineError, match="start --engine vllm"):
        mode(replace(other, steering="required"))


def test_of_a_model_server_that_runs_already_the_settings_say_whether_it_steers(choice: Choice) -> None:
    running = replace(choice, upstream="http://127.0.0.1:8000/v1")
    assert mode(running) is SteeringMode.OFF
    assert mode(replace(running, steering="required")) is SteeringMode.REQUIRED
