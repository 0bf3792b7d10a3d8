"""A log that the disk fails says so, loses nothing that it need not, and goes on by itself."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from gateway.audit.lock import locked
from gateway.audit.log import AuditError
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import Open, numbers, records, request, write
from tests.gateway.audit.disk import FULL, Disk
from tests.gateway.served import until


def test_a_log_that_cannot_be_written_says_so_and_recovers_by_itself(
    path: Path, opened: Open, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    log, began = opened(path, retry_s=0.05), time.time()
    write(log, 1)
    disk.error = FULL
    for number in (2, 3):
        with pytest.raises(AuditError, match=r"audit\.jsonl cannot be written: No space left on device"):
            write(log, number)
    assert not log.alive
    assert verify(path).torn_bytes == 0, "half a batch is taken back"
    log.note(request(4))
    time.sleep(0.2)
    assert not log.alive
    disk.error = None
    until(lambda: log.alive)
    write(log, 5)
    log.close()
    assert verify(path).ok
    assert numbers(path) == [1, 4, 5], "told to a client: written late; told as an error: never"
    (resumed,) = (record for record in records(path) if record["event"] == "resumed")
    assert (resumed["problem"], resumed["unwritten"]) == ("No space left on device", 2)
    assert began - 0.1 < resumed["since"] < resumed["at"] - 0.1 < time.time()
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"], "said once, not a request"


def test_a_line_whose_waiter_left_is_written_late(path: Path, opened: Open, disk: Disk) -> None:
    log = opened(path, retry_s=0.05)
    disk.error = FULL

    async def leave() -> None:
        waiting = asyncio.ensure_future(log.record(request(1)))
        await asyncio.sleep(0)
        waiting.cancel()
        while log.alive:  # noqa: ASYNC110 (another thread's state)
            await asyncio.sleep(0.01)
        disk.error = None
        while not log.alive:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    asyncio.run(leave())
    log.close()
    assert numbers(path) == [1]
    assert records(path)[-1]["unwritten"] == 0


def test_a_line_that_comes_again_is_not_counted_as_unwritten(path: Path, opened: Open, disk: Disk) -> None:
    log = opened(path, retry_s=0.05)
    disk.error = FULL

    async def streamed() -> None:
        for number in (1, 2):
            with pytest.raises(AuditError):
                await log.record(request(number), again=True)
        with pytest.raises(AuditError):
            await log.record(request(3))
        log.note(request(2))

    asyncio.run(streamed())
    disk.error = None
    until(lambda: log.alive)
    log.close()
    assert numbers(path) == [2]
    assert records(path)[-1]["unwritten"] == 1


def test_the_log_goes_on_only_once_it_is_known_who_has_left(path: Path, opened: Open, disk: Disk) -> None:
    log = opened(path, retry_s=0.01)
    disk.error = FULL

    async def held_up() -> None:
        waiting = asyncio.ensure_future(log.record(request(1)))
        # One turn to begin, and its end, when what it recorded is written.
        for _ in range(2):
            await asyncio.sleep(0)
        waiting.cancel()
        # The loop hears nothing meanwhile, as one that is at work.
        until(lambda: not log.alive)
        disk.error = None
        until(lambda: log._refused)
        with pytest.raises(AssertionError, match="not within"):
            until(lambda: log.alive, within_s=0.2)

    asyncio.run(held_up())
    until(lambda: log.alive)
    log.close()
    assert numbers(path) == [1]
    assert records(path)[-1]["unwritten"] == 0


def test_a_line_whose_waiter_left_with_its_loop_is_written_late(path: Path, opened: Open, disk: Disk) -> None:
    log = opened(path, retry_s=0.05)
    with path.open("rb") as other, locked(other.fileno()):

        async def leave() -> None:
            waiting = asyncio.ensure_future(log.record(request(1)))
            await asyncio.sleep(0)
            waiting.cancel()

        asyncio.run(leave())
        disk.error = FULL
    until(lambda: not log.alive)
    disk.error = None
    until(lambda: log.alive)
    log.close()
    assert numbers(path) == [1]
    assert records(path)[-1]["unwritten"] == 0


def test_what_could_not_be_taken_back_is_taken_back_later(
    path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opened(path, retry_s=0.01)
    write(log, 1)

    def all_of_it(file: int, data: bytes) -> int:
        os.pwrite(file, data, os.fstat(file).st_size)
        raise OSError(5, "Input/output error")

    def refuse(*_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.audit.file.os.write", all_of_it)
        broken.setattr("gateway.audit.file.os.ftruncate", refuse)
        with pytest.raises(AuditError):
            write(log, 2)
        assert numbers(path) == [1, 2]
    until(lambda: log.alive)
    log.close()
    assert numbers(path) == [1]
    assert records(path)[-1]["unwritten"] == 1
    assert verify(path).ok


def test_what_waits_in_memory_has_a_bound(
    path: Path, opened: Open, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.log.LATE_LINES", 2)
    log = opened(path, retry_s=0.05)
    disk.error = FULL
    for number in range(5):
        log.note(request(number))
    until(lambda: not log.alive)
    disk.error = None
    until(lambda: log.alive)
    log.close()
    assert numbers(path) == [0, 1]
    assert records(path)[-1]["unwritten"] == 3


def test_a_torn_log_on_a_full_disk_is_repaired_when_there_is_room(
    path: Path, opened: Open, disk: Disk
) -> None:
    """A worker that was killed is replaced by one that waits, not by one that cannot start."""
    path.write_bytes(b"torn")
    disk.error = FULL
    log = opened(path, retry_s=0.05)
    until(lambda: not log.alive)
    disk.error = None
    until(lambda: log.alive)
    log.close()
    assert [record["event"] for record in records(path)] == ["repaired", "resumed"]


def test_a_log_that_ends_while_it_fails_writes_what_waited_if_it_can(
    path: Path, opened: Open, disk: Disk
) -> None:
    log = opened(path, retry_s=60)
    disk.error = FULL
    log.note(request(1))
    until(lambda: not log.alive)
    disk.error = None
    log.close()
    assert numbers(path) == [1]


def test_a_sync_that_fails_is_a_failure(path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    log = opened(path, sync_s=0.01, retry_s=0.05)
    real = os.fsync

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gateway.audit.file.os.fsync", broken)
    write(log, 1)
    until(lambda: not log.alive)
    monkeypatch.setattr("gateway.audit.file.os.fsync", real)
    until(lambda: log.alive)
    log.close()
    assert verify(path).ok


def test_any_other_fault_is_a_failure_too_and_its_words_are_not_told(
    path: Path, opened: Open, disk: Disk
) -> None:
    log = opened(path, retry_s=0.05)
    disk.error = ZeroDivisionError("Alden Crane")
    with pytest.raises(AuditError, match="cannot be written: ZeroDivisionError"):
        write(log, 1)
    disk.error = None
    until(lambda: log.alive)
    log.close()
