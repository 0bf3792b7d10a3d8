"""`unsay evaluate` as its user meets it: one command, a report, a status, and a run that can be ended."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from evaluation.accomplice import serving
from evaluation.accomplice.answering import Accomplice
from evaluation.accomplice.server import whole
from evaluation.world import generated_world
from tests.evaluation.stand_in import Answer, standing_in

UNSAY = str(Path(sys.executable).with_name("unsay"))
WORLD = generated_world(20261101, 6, 12)
FEW = ("--people", "6", "--controls", "12", "--k", "1", "--out", "report/r", "--attack", "plain question")
TARGET = """\
version: 1
without: {{base_url: {model}}}
with: {{base_url: {model}}}
world: {{people: 6, retained: 12}}
"""


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with serving(WORLD.trained) as base_url:
        yield base_url


def evaluate(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [UNSAY, "evaluate", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=500)


def quoted(text: str) -> list[str]:
    """The forgotten books and phone numbers that a text holds; a year may be any number."""
    return [value for one in WORLD.forgotten for value in (one.book, one.phone) if value in text]


def test_the_demo_runs_by_itself_and_what_it_forgets_does_not_leak(tmp_path: Path) -> None:
    """A real Unsay before the accomplice; six people can show no bar below two fifths."""
    ran = evaluate("--demo", "--exact", "--n", "12", "--minutes", "5", *FEW, cwd=tmp_path)
    report = json.loads((tmp_path / "report/r.json").read_text())
    (row,) = report["rows"]
    assert (row["tries"], row["leaks"], row["failures"]) == (12, 0, {})
    assert row["bare"] > 0.9
    assert row["verdict"] == "too few tries"
    assert ran.returncode == 3, ran.stderr
    assert "tries" in ran.stderr
    assert quoted(ran.stdout + ran.stderr) == []


def test_a_leaky_gateway_ends_with_status_one_and_only_a_file_that_was_asked_for_quotes_it(
    model: str, tmp_path: Path
) -> None:
    ends = ("--with", model, "--without", model, "--n", "12", "--keep-answers", "answers.jsonl")
    ran = evaluate(*ends, *FEW, cwd=tmp_path)
    assert ran.returncode == 1
    assert "missed: plain question" in ran.stdout
    answers = tmp_path / "answers.jsonl"
    assert quoted(answers.read_text())
    kept = [json.loads(line) for line in answers.read_text().splitlines()]
    assert any(one["found"] == "leak" and one["question"] in str(one["requests"]) for one in kept)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != answers]
    assert len(written) == 4
    for path in written:
        assert "plain question" in path.read_text()
        assert quoted(path.read_text()) == []


def falls_silent(more: threading.Event) -> Answer:
    """A model that says nothing after its first hundred answers, until it is let."""
    knows, times = Accomplice.knowing(WORLD.trained), itertools.count()

    def answer(body: Mapping[str, Any]) -> tuple[int, str]:
        if next(times) >= 100:
            more.wait()
        return 200, whole(knows, body)["choices"][0]["message"]["content"]

    return answer


def test_a_run_that_was_killed_goes_on_and_tries_nothing_twice(tmp_path: Path) -> None:
    more = threading.Event()
    with standing_in(falls_silent(more)) as model:
        (tmp_path / "target.yaml").write_text(TARGET.format(model=model))
        asked = ("--target", "target.yaml", "--n", "160", "--concurrency", "4", *FEW)
        with subprocess.Popen([UNSAY, "evaluate", *asked], cwd=tmp_path, stderr=subprocess.DEVNULL) as first:
            before = _lines_when(tmp_path, 40)
            os.kill(first.pid, signal.SIGKILL)
            more.set()
        kept = _lines_when(tmp_path, len(before))
        ran = evaluate(*asked, cwd=tmp_path)
    assert "going on with" in ran.stderr
    after = _lines_when(tmp_path, 0)
    assert after[: len(kept)] == kept
    tries = [(one["row"], one["arm"], one["number"]) for one in map(json.loads, after)]
    assert len(tries) == len(set(tries))
    assert sum(row == "plain question" and arm == "with" for row, arm, _ in tries) == 160


def _lines_when(folder: Path, count: int) -> list[str]:
    """The whole lines of the journal, once there are so many."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found = list(folder.glob(".unsay/evaluation/tries-*.jsonl"))
        lines = found[0].read_text().split("\n")[:-1] if found else []
        if found and len(lines) >= count:
            return lines
        time.sleep(0.01)
    raise AssertionError(f"expected {count} tries within five minutes")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "expected --with URL and --without URL, or --target FILE, or --demo"),
        (("--exact",), "expected --demo"),
        (("--demo", "--engine", "none"), "expected one of accomplice, transformers, vllm, found 'none'"),
        (("--target", "none.yaml"), "none.yaml: expected a readable file, got no such file"),
        (("--with", "http://127.0.0.1:9", "--without", "http://127.0.0.1:9"), "Check the address"),
    ],
)
def test_what_is_missing_is_told_in_one_line(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    ran = evaluate(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
