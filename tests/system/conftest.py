"""The real engines on the demo model, started at most once each in a whole run of the tests."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.demo_policy import write_policy
from policy.file import load_policy
from tests.gateway.running import Running, config_for, protection_of, running
from unsay.engine import Engine, free_port, start_engine
from unsay.launch import EngineKind, EngineSpec, launch
from unsay.middleware_files import VARIABLE

ROOT = Path(__file__).parents[2]
DEMO_MODEL = ROOT / "evaluation" / "demo_model"
BESIDE = ("--middleware", "tests.system.beside.Beside")
# So small a model fills what a form leaves open with blanks, for ever.
FORMS = ("--structured-outputs-config", json.dumps({"disable_any_whitespace": True, "backend": "xgrammar"}))


@pytest.fixture(scope="session")
def transformers_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("engine-transformers")
    spec = EngineSpec(EngineKind.TRANSFORMERS, str(DEMO_MODEL), folder, start_timeout_s=600)
    with start_engine(spec) as engine:
        yield engine


@pytest.fixture(scope="session")
def vllm_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Without its environment this fails, it does not skip: a run that never met vLLM must not look green."""
    if os.environ.get("UNSAY_SKIP_VLLM") == "1":
        pytest.skip("UNSAY_SKIP_VLLM=1")
    folder, port = tmp_path_factory.mktemp("engine-vllm"), free_port()
    spec = EngineSpec(
        EngineKind.VLLM, str(DEMO_MODEL), folder, arguments=(*BESIDE, *FORMS), start_timeout_s=600
    )
    command = launch(spec, port, os.environ)
    own = {"PYTHONPATH": str(ROOT), VARIABLE: str(_settings(folder))}
    with Engine(spec, port, replace(command, environment={**command.environment, **own})) as engine:
        yield engine


@pytest.fixture(scope="session")
def before_vllm(vllm_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway before it, with the same policy."""
    folder = tmp_path_factory.mktemp("before-vllm")
    protection = protection_of(load_policy(_policy(folder)), folder / "snapshot")
    with running(config_for(vllm_engine.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


def _settings(folder: Path) -> Path:
    """Of the gateway inside."""
    _policy(folder)
    path = folder / "unsay.yaml"
    path.write_text(json.dumps({"reload": {"watch_s": 0.2}}))
    return path


def _policy(folder: Path) -> Path:
    """The demo's people, by exact detectors alone, and in answers alone."""
    write_policy(folder)
    policy = folder / "policy.yaml"
    exact = re.sub(r"semantic: \{.*?\}", "semantic: null", policy.read_text())
    policy.write_text(exact.replace("prompt: refuse", "prompt: {user: allow, document: refuse}"))
    return policy
