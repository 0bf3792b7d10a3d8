"""When to read the files again: after a change, once nobody is writing any more, and not all the time."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.workers.reload import SHARE, STILL_S, Watch
from gateway.workers.source import Sight
from policy.seen import look


@dataclass
class Clock:
    at: float = 100.0
    step: float = 0.0

    def __call__(self) -> float:
        """Every look at the clock takes a while."""
        self.at += self.step
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text("one")
    return path


@pytest.fixture
def watch(file: Path, clock: Clock) -> Watch:
    return Watch(Sight({file: look(file)}, file.parent, {"*.txt": {}}), clock)


def due(watch: Watch, clock: Clock, seconds: float) -> bool:
    clock.at += seconds
    return watch.due(1.0)


def test_nothing_is_due_while_nothing_changes(watch: Watch, clock: Clock) -> None:
    assert [due(watch, clock, 1.0) for _ in range(5)] == [False] * 5


def test_a_change_is_due_once_it_has_been_still(watch: Watch, clock: Clock, file: Path) -> None:
    file.write_text("one and two")
    assert not due(watch, clock, 1.0)
    assert watch.wait_s() == pytest.approx(STILL_S)
    assert due(watch, clock, STILL_S)
    assert not due(watch, clock, 1.0)


def test_a_file_that_is_being_written_is_left_alone(watch: Watch, clock: Clock, file: Path) -> None:
    for length in range(4, 9):
        file.write_text("x" * length)
        assert not due(watch, clock, 1.0)
    assert due(watch, clock, 1.0)


@pytest.mark.parametrize("changes", ["gone", "replaced", "new"])
def test_a_file_that_goes_comes_or_is_replaced_is_a_change(
    changes: str, watch: Watch, clock: Clock, file: Path
) -> None:
    match changes:
        case "gone":
            file.unlink()
        case "replaced":
            before = file.stat()
            (file.parent / "draft").write_text("two")
            os.utime(file.parent / "draft", ns=(before.st_atime_ns, before.st_mtime_ns))
            (file.parent / "draft").replace(file)
        case _:
            (file.parent / "a.txt").write_text("one")
    assert [due(watch, clock, 1.0) for _ in range(2)] == [False, True]


def test_what_was_changed_while_it_was_read_is_read_again(watch: Watch, clock: Clock, file: Path) -> None:
    seen = Sight({file: look(file)}, file.parent, {"*.txt": {}})
    file.write_text("changed just after")
    watch.took(seen)
    assert [due(watch, clock, 1.0) for _ in range(2)] == [False, True]


def test_looking_at_many_files_takes_a_small_part_of_the_time(watch: Watch, clock: Clock) -> None:
    clock.step = 0.5
    clock.at += 1.0
    watch.due(1.0)
    clock.step = 0.0
    assert watch.wait_s() >= SHARE * 0.5
