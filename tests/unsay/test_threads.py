"""Each process of the gateway computes with one thread, and the engine with as many as it likes."""

import os
import subprocess
import sys

import pytest

from unsay.threads import NUMBERS, one_thread_each


def test_the_libraries_are_told_before_they_are_loaded() -> None:
    """They read it once; what loads them stands behind the call in `unsay serve`."""
    script = "import sys, unsay.main; print(sorted({'numpy', 'faiss', 'torch'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_other_processes_keep_the_environment_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NUMBERS[0], "7")
    for name in NUMBERS[1:]:
        monkeypatch.setenv(name, "set, so that it is put back")
        monkeypatch.delenv(name)
    before = one_thread_each()
    assert (before[NUMBERS[0]], NUMBERS[1] in before) == ("7", False)
    assert [os.environ[name] for name in NUMBERS] == ["1"] * len(NUMBERS)
