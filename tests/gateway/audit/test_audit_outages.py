"""A log says of its outages how many were refused and have no line: exactly, also when it is killed then."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.verify import verify

ROOT = Path(__file__).resolve().parents[3]

Told = list[tuple[str, int]]


def killed(path: Path, first: int, outages: int) -> Told:
    """What a process says of its lines, in order, until it is killed, some lines after so many outages."""
    command = [sys.executable, "-m", "tests.gateway.audit.full_writer", str(path), str(first)]
    told: Told = []
    # Not into a file: its size would be limited, too.
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            kind, number = line.split()
            told.append((kind, int(number)))
            outages -= kind == "over"
            if outages == 0:
                process.kill()
    return told


def whole_records(path: Path) -> list[dict[str, Any]]:
    """Without the line that it was killed in."""
    return [json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def before(told: Told, mark: int, kind: str) -> set[int]:
    return {number for said, number in told[: told.index(("over", mark))] if said == kind}


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.long)])
def test_so_many_are_unwritten_as_have_no_line(kills: int, tmp_path: Path) -> None:
    chance, path, refused = random.Random(kills), tmp_path / "audit.jsonl", 0
    for kill in range(1, kills + 1):
        earlier = len(whole_records(path)) if path.exists() else 0
        told = killed(path, kill * 1_000_000, chance.randint(3, 6))
        assert verify(path).ok
        found = whole_records(path)[earlier:]
        numbers = [one.get("number") for one in found]
        *_, last_but_one, last = (number for kind, number in told if kind == "over")
        unwritten = [one["unwritten"] for one in found[: numbers.index(last)] if one["event"] == "resumed"]
        assert sum(unwritten) == len(before(told, last, "refused"))
        assert not before(told, last, "refused") & set(numbers)
        assert before(told, last_but_one, "left") | before(told, last, "written") <= set(numbers)
        refused += sum(unwritten)
    assert refused > 0, "nothing was refused"
