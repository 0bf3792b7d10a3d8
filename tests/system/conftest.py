"""The real engines on the demo model, started at most once each in a whole run of the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from unsay.engine import Engine, start_engine
from unsay.launch import EngineKind, EngineSpec

DEMO_MODEL = Path(__file__).parents[2] / "evaluation" / "demo_model"


def _serving(kind: EngineKind, factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = factory.mktemp(f"engine-{kind}")
    with start_engine(EngineSpec(kind, str(DEMO_MODEL), folder, start_timeout_s=600)) as engine:
        yield engine


@pytest.fixture(scope="session")
def transformers_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from _serving(EngineKind.TRANSFORMERS, tmp_path_factory)


@pytest.fixture(scope="session")
def vllm_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Without its environment this fails, it does not skip: a run that never met vLLM must not look green."""
    if os.environ.get("UNSAY_SKIP_VLLM") == "1":
        pytest.skip("UNSAY_SKIP_VLLM=1")
    yield from _serving(EngineKind.VLLM, tmp_path_factory)
