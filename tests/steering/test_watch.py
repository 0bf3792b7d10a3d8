"""New parts are taken once, between steps; a bad one leaves the last in force."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from steering.steerer import Parts
from steering.watch import PAUSE_S, Watch, look
from tests.steering.fakes import SequenceArtefact


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def watch(manifest: Path, load: Callable[[], Parts], clock: Clock) -> Watch:
    return Watch(lambda: (look(manifest),), (look(manifest),), load, clock, begin=lambda work: work())


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text("1")
    return path


def test_what_is_new_is_taken_once_and_not_before_a_pause(manifest: Path) -> None:
    clock, parts = Clock(), Parts(SequenceArtefact())
    watched = watch(manifest, lambda: parts, clock)
    assert watched.fresh() is None
    manifest.write_text("22")
    assert watched.fresh() is None
    clock.time = PAUSE_S
    assert watched.fresh() is parts
    clock.time = 2 * PAUSE_S
    assert watched.fresh() is None


def test_what_cannot_be_read_is_told_once(manifest: Path, caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Parts:
        raise ValueError("a secret that no log may show")

    clock = Clock()
    watched = watch(manifest, load, clock)
    manifest.write_text("22")
    with caplog.at_level(logging.ERROR):
        taken = [watched.fresh() for clock.time in (1.0, 2.0, 3.0)]
    assert taken == [None] * 3
    assert caplog.text.count("ValueError") == 1
    assert "secret" not in caplog.text


def test_a_manifest_that_is_gone_changes_nothing(manifest: Path) -> None:
    clock = Clock()
    watched = watch(manifest, lambda: Parts(SequenceArtefact()), clock)
    manifest.unlink()
    assert watched.fresh() is None
    manifest.write_text("22")
    clock.time = PAUSE_S
    assert watched.fresh() is not None


def test_one_reading_at_a_time_so_that_older_parts_never_follow_newer_ones(manifest: Path) -> None:
    clock, begun = Clock(), list[Callable[[], None]]()
    older, newer = Parts(SequenceArtefact(generation=2)), Parts(SequenceArtefact(generation=3))
    parts = iter((older, newer))
    watched = Watch(
        lambda: (look(manifest),), (look(manifest),), lambda: next(parts), clock, begin=begun.append
    )
    manifest.write_text("22")
    clock.time = 1.0
    assert watched.fresh() is None
    manifest.write_text("333")
    clock.time = 2.0
    assert watched.fresh() is None
    assert len(begun) == 1
    begun.pop()()
    assert watched.fresh() is older
    clock.time = 3.0
    assert watched.fresh() is None
    begun.pop()()
    assert watched.fresh() is newer


def test_where_no_thread_can_be_had_the_next_look_tries_again(manifest: Path) -> None:
    clock, parts = Clock(), Parts(SequenceArtefact())
    failing = [True]

    def begin(work: Callable[[], None]) -> None:
        if failing:
            failing.pop()
            raise RuntimeError("can't start new thread")
        work()

    watched = Watch(lambda: (look(manifest),), (look(manifest),), lambda: parts, clock, begin)
    manifest.write_text("22")
    clock.time = 1.0
    assert watched.fresh() is None
    clock.time = 2.0
    assert watched.fresh() is parts
