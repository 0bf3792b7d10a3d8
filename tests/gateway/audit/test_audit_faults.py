"""A disk that is full, read-only or gone: nothing is answered without a record, and it ends by itself.

The faults are real: a file system of 64 kB, one that is read-only, a limit on file sizes, a folder that goes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from gateway.audit.log import AuditLog
from gateway.audit.verify import verify
from tests.gateway.audit.audit_writing import records
from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running
from tests.gateway.served import until

ROOT = Path(__file__).resolve().parents[3]
LAMP = whole({"choices": [{"index": 0, "message": {"content": "A lamp."}, "finish_reason": "stop"}]})
PATIENCE_S = 60.0


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=64k", "none", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def serving(canned: Canned, folder: Path, work: Path) -> Iterator[Running]:
    """A gateway with its log below the folder, which has answered once."""
    # Its own file would take a large part of the disk.
    memory = {"url": "sqlite://"}
    config = config_for(canned.base_url, folder / "logs" / "audit.jsonl", memory=memory)
    with running(config, protection_of(policy_of(CRANE), work / "snapshot")) as gateway:
        canned.play(LAMP)
        assert gateway.chat().status == 200
        yield gateway


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is tried again sooner than by default."""
    monkeypatch.setattr("gateway.services.AuditLog", partial(AuditLog, retry_s=0.1))


@pytest.fixture
def gateway(canned: Canned, tmp_path: Path) -> Iterator[Running]:
    with serving(canned, tmp_path, tmp_path) as it:
        yield it


@pytest.fixture
def cramped(canned: Canned, small_disk: Path, tmp_path: Path) -> Iterator[Running]:
    with serving(canned, small_disk, tmp_path) as it:
        yield it


def is_ready(gateway: Running) -> bool:
    checks = gateway.ask("GET", "/readyz").json["checks"]
    return bool(checks["audit"])


def refuses(gateway: Running) -> None:
    """Nothing is answered, and the answer says so in the API's shape."""
    for fields in ({}, {"stream": True}):
        for question in ("Hello!", "Who is Alden Crane?"):
            answered = gateway.chat(question, **fields)
            assert (answered.status, answered.error["code"]) == (503, "unavailable")
            assert answered.error["type"] == "server_error"
    assert not is_ready(gateway)
    assert gateway.ask("GET", "/healthz").status == 200


def serves(gateway: Running) -> None:
    answered = gateway.chat()
    assert answered.status == 200
    assert gateway.records()[-1]["request"] == answered.headers["x-request-id"]


def resumed(path: Path) -> list[str]:
    return [record["problem"] for record in records(path) if record["event"] == "resumed"]


def test_a_disk_that_fills_up_and_has_room_again(cramped: Running, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 40_000)
    answered = set()
    while (last := cramped.chat("Who is Alden Crane?")).status == 200:
        answered.add(last.headers["x-request-id"])
        assert len(answered) < 100
    refuses(cramped)
    assert verify(cramped.audit).ok
    assert verify(cramped.audit).torn_bytes == 0, "what was written of the last batch is taken back"
    assert {record["request"] for record in cramped.records()} >= answered
    assert last.headers["x-request-id"] not in {record["request"] for record in cramped.records()}
    (small_disk / "ballast").unlink()
    until(lambda: is_ready(cramped))
    serves(cramped)
    assert resumed(cramped.audit) == ["No space left on device"]
    assert verify(cramped.audit).ok


def test_a_stream_under_way_on_a_full_disk_ends_with_an_error(
    cramped: Running, small_disk: Path, canned: Canned
) -> None:
    with cramped.audit.open("ab") as log:
        room = os.statvfs(small_disk)
        (small_disk / "ballast").write_bytes(b"x" * room.f_bavail * room.f_frsize)
        # The page in which the log now ends is there already.
        left = 4096 - log.tell() % 4096
    canned.play(stream(*said(["A lamp."]), DONE))
    for _ in range(1 + left // 300):
        answered = cramped.chat(stream=True)
        if "error" in answered.events[-2]:
            break
    assert answered.events[-2]["error"]["code"] == "unavailable"
    (small_disk / "ballast").unlink()
    until(lambda: is_ready(cramped))
    told = {record.get("request"): record for record in cramped.records()}
    assert told[answered.headers["x-request-id"]]["error"] == "unavailable", (
        "text was sent, so it has a record"
    )
    assert verify(cramped.audit).ok


def test_a_disk_that_is_read_only_for_a_while(gateway: Running) -> None:
    path = gateway.audit
    mount("-t", "tmpfs", "-o", "ro", "none", str(path.parent))
    assert gateway.chat().status == 503
    refuses(gateway)
    subprocess.run(["umount", str(path.parent)], check=True)
    until(lambda: is_ready(gateway))
    serves(gateway)
    assert resumed(path) == ["cannot be opened: Read-only file system"]
    assert verify(path).lines == 3


def test_a_folder_that_is_gone_and_back(gateway: Running, tmp_path: Path) -> None:
    logs = gateway.audit.parent
    logs.rename(tmp_path / "away")
    assert gateway.chat().status == 503
    refuses(gateway)
    assert not logs.exists()
    (tmp_path / "away").rename(logs)
    until(lambda: is_ready(gateway))
    serves(gateway)
    assert len(resumed(gateway.audit)) == 1
    assert verify(gateway.audit).lines == 3


def test_a_log_that_is_removed_is_begun_again_at_once(gateway: Running) -> None:
    gateway.audit.unlink()
    serves(gateway)
    assert [record["event"] for record in gateway.records()] == ["rotated", "request"]
    assert verify(gateway.audit).ok


def test_a_log_that_a_device_takes_the_place_of(gateway: Running) -> None:
    gateway.audit.unlink()
    gateway.audit.symlink_to("/dev/full")
    assert gateway.chat().status == 503
    refuses(gateway)
    gateway.audit.unlink()
    until(lambda: is_ready(gateway))
    serves(gateway)


LIMITED = """
import asyncio, json, resource, sys
from pathlib import Path
from gateway.audit.log import AuditError, AuditLog

async def main():
    log, number = AuditLog(Path(sys.argv[1]), retry_s=0.05), 0
    write = lambda: log.record({"event": "request", "number": number})
    try:
        while True:
            await write()
            number += 1
    except AuditError as error:
        print(json.dumps([number, str(error), log.alive]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    while not log.alive:
        await asyncio.sleep(0.01)
    await write()
    log.close()

resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
asyncio.run(main())
"""


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    command = [sys.executable, "-c", LIMITED, str(path)]
    said_of_it = json.loads(
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120).stdout
    )
    count, problem, alive = said_of_it
    assert count > 10
    assert problem == f"{path} cannot be written: File too large"
    assert not alive
    assert [record.get("number") for record in records(path)] == [*range(count), None, count]
    assert resumed(path) == ["File too large"]
    assert verify(path).ok
