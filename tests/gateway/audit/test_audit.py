"""The audit log writes one chain, in the order of its lines, and forgets no one who waits."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.audit.file import AuditFile
from gateway.audit.lock import locked
from gateway.audit.log import AuditError
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import Open, numbers, records, request, write
from tests.gateway.served import until


def test_many_requests_at_a_time_make_one_chain(path: Path, opened: Open) -> None:
    log = opened(path)

    async def write_all() -> None:
        async def one(first: int) -> None:
            for number in range(200):
                await log.record(request(first + number))

        await asyncio.gather(*(one(first) for first in range(0, 1600, 200)))

    asyncio.run(write_all())
    log.close()
    assert verify(path).ok
    assert sorted(numbers(path)) == list(range(1600))


def test_who_records_waits_for_nobody_and_leaves_the_line_to_the_writer(path: Path, opened: Open) -> None:
    log = opened(path)
    other = os.open(path, os.O_RDONLY)

    async def record() -> None:
        with locked(other):
            held = asyncio.ensure_future(log.record(request(1)))
            await asyncio.sleep(0.05)
            assert not held.done()
        await held
        await log.record(request(2))

    asyncio.run(record())
    os.close(other)
    log.close()
    assert verify(path).ok
    assert numbers(path) == [1, 2]


def test_what_nobody_waits_for_is_written_too(path: Path, opened: Open) -> None:
    log = opened(path)
    log.note(request(1))
    log.close()
    assert numbers(path) == [1]


def test_a_waiter_that_is_gone_does_not_take_its_line_along(path: Path, opened: Open) -> None:
    log = opened(path)

    async def leave() -> None:
        waiting = asyncio.ensure_future(log.record(request(1)))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(leave())
    log.close()
    assert numbers(path) == [1]


def test_what_is_written_reaches_the_disk_in_time(
    path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only this long after a line: an idle log would look after its file, and sync it too.
    monkeypatch.setattr("gateway.audit.log.FOLLOW_S", 3600.0)
    log = opened(path, sync_s=0.05)
    synced: list[float] = []
    real = os.fsync

    def sync(file: int) -> None:
        synced.append(time.monotonic())
        real(file)

    monkeypatch.setattr("gateway.audit.file.os.fsync", sync)
    began = time.monotonic()
    write(log, *range(100))
    until(lambda: synced)
    took = time.monotonic() - began
    assert len(synced) <= took / 0.05 + 2, "syncs are grouped"


def test_what_is_recorded_in_one_turn_is_written_at_once(
    path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, now = list[int](), AuditFile.append_now

    def counted(file: AuditFile, records: Sequence[bytes]) -> bool:
        batches.append(len(records))
        return now(file, records)

    monkeypatch.setattr(AuditFile, "append_now", counted)
    log = opened(path)

    async def together() -> None:
        await asyncio.gather(*(log.record(request(number)) for number in range(20)))

    def at_once() -> bool:
        batches.clear()
        asyncio.run(together())
        return batches == [20]

    # While the writer holds the file, as it does when it begins, the lines are left to it.
    until(at_once)
    assert verify(path).ok


def test_a_client_that_leaves_in_the_turn_of_its_line_has_one_all_the_same(path: Path, opened: Open) -> None:
    log = opened(path)

    async def left() -> None:
        leaving = asyncio.ensure_future(log.record(request(1)))
        await asyncio.sleep(0)
        leaving.cancel()
        await log.record(request(2))
        assert leaving.cancelled()

    asyncio.run(left())
    assert numbers(path) == [1, 2]


def test_a_line_of_a_loop_that_ended_in_the_middle_of_its_turn_is_written(path: Path, opened: Open) -> None:
    log, loop = opened(path), asyncio.new_event_loop()
    waiting = log.record(request(1))

    async def begun() -> None:
        waiting.send(None)
        loop.stop()

    loop.run_until_complete(begun())
    waiting.close()
    loop.close()
    log.close()
    assert len(path.read_bytes().splitlines()) == 1


def test_a_closed_log_says_so(path: Path, opened: Open) -> None:
    log = opened(path)
    log.close()
    assert not log.alive
    with pytest.raises(AuditError, match="closed"):
        write(log, 1)


def test_a_writer_that_ends_forgets_no_waiter(
    path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for a line must learn of it, or the request would hang."""
    log = opened(path)

    monkeypatch.setattr(log, "_turn", lambda: False)
    log.note(request(1))
    log._thread.join()
    assert not log.alive
    with pytest.raises(AuditError):
        write(log, 2)


def test_an_idle_log_follows_a_move(path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a process that slept through two moves would leave out the file between them."""
    monkeypatch.setattr("gateway.audit.log.FOLLOW_S", 0.02)
    log = opened(path)
    write(log, 1)
    path.rename(path.with_suffix(".1"))
    until(path.exists)
    until(lambda: path.stat().st_size > 0)
    log.close()
    assert [record["event"] for record in records(path)] == ["rotated"]
    assert verify(path.with_suffix(".1"), path).ok
