"""Many processes write one log at a time, some are killed: one chain, and nothing confirmed is missing."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import numbers, records
from tests.gateway.served import until

ROOT = Path(__file__).resolve().parents[3]
MOVES = 3
# Confirmed records, so that there is something to miss.
ENOUGH = 500

Writer = subprocess.Popen[bytes]


def start(path: Path, number: int, dies_at: int) -> Writer:
    """Its records have numbers that no other writes; its output is what was confirmed."""
    arguments = (path, number * 1_000_000, dies_at)
    command = [sys.executable, "-m", "tests.gateway.audit.audit_writer", *map(str, arguments)]
    with path.with_suffix(f".{number}.confirmed").open("wb") as confirmed:
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=confirmed)


def disturb(path: Path, writers: Sequence[Writer], chance: random.Random) -> list[Path]:
    """Kill two at any moment, and move the file a few times; the moved files."""
    until(lambda: all(file.stat().st_size > 0 for file in path.parent.glob("*.confirmed")))
    moved = []
    for move in range(MOVES):
        time.sleep(chance.uniform(0, 0.1))
        moved.append(path.with_suffix(f".moved{move}"))
        path.rename(moved[-1])
        if move < 2:
            os.kill(writers[move].pid, signal.SIGKILL)
        until(lambda: path.exists() and path.stat().st_size > 0)
        # As long as moves are hours apart, all have followed one before the next.
        until(lambda: not any(holds(writer, moved[-1]) for writer in writers))
    return moved


def holds(writer: Writer, file: Path) -> bool:
    folder = Path("/proc", str(writer.pid), "fd")
    try:
        return any(one.readlink() == file for one in folder.iterdir())
    except OSError:
        return False


def end(writers: Sequence[Writer], folder: Path) -> None:
    """Two were killed, two died in a write; the others end when they are told to."""
    until(lambda: [writer.poll() for writer in writers[:4]] == [-9] * 4)
    until(lambda: len(confirmed(folder)) > ENOUGH)
    for writer in writers:
        writer.communicate(timeout=120)
    assert [writer.returncode for writer in writers[4:]] == [0, 0]


@pytest.mark.parametrize("rounds", [1, pytest.param(30, marks=pytest.mark.long)])
def test_many_processes_write_one_chain(rounds: int, tmp_path: Path) -> None:
    chance = random.Random(rounds)
    for each in range(rounds):
        path = tmp_path / str(each) / "audit.jsonl"
        path.parent.mkdir()
        dying = [0, 0, chance.randint(40, 140), chance.randint(40, 140), 0, 0]
        writers = [start(path, number, dies_at) for number, dies_at in enumerate(dying)]
        moved = disturb(path, writers, chance)
        end(writers, path.parent)
        assert verify(*moved, path).ok
        check([*moved, path], path.parent)


def confirmed(folder: Path) -> list[bytes]:
    return [line for file in folder.glob("*.confirmed") for line in file.read_bytes().splitlines()]


def check(files: Sequence[Path], folder: Path) -> None:
    checked = verify(*files)
    assert checked.ok, str(checked)
    listed = [record for file in files for record in records(file)]
    assert [record["sequence"] for record in listed] == list(range(checked.lines))
    found = numbers(*files)
    assert len(found) == len(set(found)), "no record is there twice"
    assert set(map(int, confirmed(folder))) <= set(found)
    # Who was killed between the cut and the line about it has said so on stderr alone.
    assert sum(record["event"] == "repaired" for record in listed) >= 1
