"""The audit log says what was done before an answer ends, and never a text; if it fails nothing is served."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from gateway.audit.file import AuditFile
from gateway.audit.lock import locked
from gateway.audit.log import AuditError, AuditLog
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import Open, numbers, records, request, write
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

FULL = OSError(28, "No space left on device")
LAMP = whole({"choices": [{"index": 0, "message": {"content": "A lamp."}, "finish_reason": "stop"}]})


class Disk:
    """Stands between the log and the disk, and fails when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = None
        self._write = os.write
        monkeypatch.setattr("gateway.services.AuditLog", partial(AuditLog, retry_s=0.1))
        monkeypatch.setattr("gateway.audit.file.os.write", self.write)

    def write(self, file: int, data: bytes) -> int:
        if self.error is not None:
            self._write(file, data[: len(data) // 2])
            # The same error many times: each raise would add to its trace.
            raise self.error.with_traceback(None)
        return self._write(file, data)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


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


def test_nothing_is_served_without_a_record(canned: Canned, path: Path, disk: Disk) -> None:
    with running(
        config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
    ) as it:
        canned.play(LAMP)
        assert it.chat().status == 200
        disk.error = FULL
        assert it.chat().status == 503, "the answer was there, but it could not be recorded"
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = it.chat(question)
            assert (answered.status, answered.error["code"]) == (503, "unavailable")
            assert b"lamp" not in answered.body
        assert len(canned.asked) == 2, "while the log fails, the model server is not even asked"
        assert it.ask("GET", "/readyz").json["checks"]["audit"] is False
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        answered = it.chat()
        assert answered.status == 200
        assert it.records()[-1]["request"] == answered.headers["x-request-id"]
        assert verify(path).ok


def test_a_stream_under_way_ends_with_an_error_and_its_record_is_kept(
    canned: Canned, path: Path, disk: Disk
) -> None:
    with running(
        config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
    ) as it:
        canned.play(stream(*said(["A lamp."]), DONE))
        disk.error = FULL
        answered = it.chat(stream=True)
        assert answered.events[-2]["error"]["code"] == "unavailable"
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        record = next(one for one in it.records() if one.get("request") == answered.headers["x-request-id"])
        assert (record["outcome"], record["status"], record["error"]) == ("failed", 200, "unavailable")


def test_a_stream_under_way_ends_as_soon_as_the_log_fails(canned: Canned, path: Path, disk: Disk) -> None:
    """It does not go on to its end, which may be far."""
    with (
        running(
            config_for(canned.base_url, path), protection_of(policy_of(CRANE), path.parent / "snap")
        ) as it,
        ThreadPoolExecutor() as pool,
    ):
        canned.play(stream(*said([f"word{number} " for number in range(9000)]), DONE, pause_s=0.02))
        streaming = pool.submit(it.chat, stream=True)
        until(lambda: canned.sent > 5)
        disk.error = FULL
        assert it.chat("Who is Alden Crane?").status == 503
        answered = streaming.result()
        assert answered.events[-2]["error"]["code"] == "unavailable"
        assert 0 < len(answered.chunks) < 8000
        disk.error = None
        until(lambda: it.ask("GET", "/readyz").json["checks"]["audit"])
        record = next(one for one in it.records() if one.get("request") == answered.headers["x-request-id"])
        assert (record["outcome"], record["error"]) == ("failed", "unavailable")


def test_a_record_is_written_before_the_answer_ends(canned: Canned, strict: Running) -> None:
    """Whoever has the last byte can look the request up."""
    for fields in ({}, {"stream": True}):
        canned.play(
            stream(*said(["A lamp."]), DONE) if fields else whole({"choices": [{"index": 0, "message": {}}]})
        )
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = strict.chat(question, **fields)
            assert answered.headers["x-request-id"] in {record["request"] for record in strict.records()}


def test_the_log_holds_no_text(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Alden Crane was born in Port Vellum."]), DONE))
    strict.chat("Hello! My zebra is called Quagmire.", stream=True)
    strict.chat("Who is Alden Crane, born in Port Vellum, 555-201-3391?")
    strict.chat("Quagmire", model="Quagmire", stop=["Quagmire"], user="Quagmire")
    strict.post(b'{"Quagmire": "Quagmire"}')
    # Digests may hold any four digits.
    text = re.sub(r"[0-9a-f]{24,}", "", strict.audit.read_text())
    for word in ("Alden", "Crane", "Vellum", "3391", "Quagmire", "zebra", "don't"):
        assert word not in text
    assert verify(strict.audit).ok


def test_a_record_says_what_was_found_and_done(canned: Canned, strict: Running) -> None:
    strict.chat("Tell me. Who is Alden Crane?")
    record = strict.records()[-1]
    assert (record["outcome"], record["status"], record["model"], record["generation"]) == (
        "refused",
        200,
        "demo",
        1,
    )
    assert len(record["policy"]) == 64
    assert record["policy"] != "0" * 64, "the bare digest would let a reader try short secrets"
    assert record["findings"] == [
        {
            "surface": "prompt",
            "role": "user",
            "message": 0,
            "entry": "crane",
            "detector": "name",
            "start": 16,
            "end": 27,
            "score": 1.0,
            "action": "refuse",
            "provenance": "in_context",
            "view": None,
        }
    ]
    canned.play(stream(*said(["It was Alden ", "Crane."]), DONE))
    strict.chat("Who?", stream=True)
    found = strict.records()[-1]["findings"][0]
    assert (found["surface"], found["choice"], found["entry"], found["action"]) == (
        "content",
        0,
        "crane",
        "redact",
    )
    assert (found["start"], found["end"]) == (7, 18)
