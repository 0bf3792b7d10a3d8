"""Our class in vLLM's own environment: its loaders take it, and its own batches do not confuse it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from unsay.launch import vllm_python

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def found() -> Any:
    if os.environ.get("UNSAY_SKIP_VLLM") == "1":
        pytest.skip("UNSAY_SKIP_VLLM=1")
    command = [str(vllm_python(os.environ)), "-m", "tests.steering.inside_vllm"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


def test_both_loaders_take_the_class_and_no_device_is_touched(found: Any) -> None:
    assert found["loaded"] == {"the same class": True, "no device": True}


def test_what_the_class_refuses_is_a_mistake_of_the_request(found: Any) -> None:
    assert found["refused"].startswith("VLLMValidationError: ")


def test_each_row_of_the_engine_s_own_batch_keeps_its_history(found: Any) -> None:
    """Requests come, end, are set aside, come back, and are moved and swapped by vLLM's own code."""
    right, rows = found["first"]
    assert rows > 1000
    assert right == rows


def test_drafts_in_the_engine_s_own_layout_are_judged_one_by_one(found: Any) -> None:
    assert found["second"] == [[1], [], [7], []]
