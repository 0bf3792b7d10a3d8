"""What was asked and what was done, one line a request, each line holding the digest of the line before.

Rules: a line carries ids, spans, scores and times, and never a text. It is written before the last byte of
its answer leaves, and is on the disk at most `sync_s` later. When the writer is dead, nothing is served.
"""

import fcntl
import hashlib
import os
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.errors import Json

FIRST = "0" * 64


class AuditError(OSError):
    """The log cannot be written; says where and why."""


def digest_of(line: bytes) -> str:
    """The link of the chain: over the bytes of a line, its line end left out."""
    return hashlib.sha256(line).hexdigest()


@dataclass(slots=True)
class _Head:
    """Where the chain stands."""

    sequence: int = 0
    previous: str = FIRST

    def link(self, record: Mapping[str, object]) -> bytes:
        line = orjson.dumps({"sequence": self.sequence, "previous": self.previous, **record})
        self.sequence, self.previous = self.sequence + 1, digest_of(line)
        return line


@dataclass(frozen=True, slots=True)
class _Line:
    record: Mapping[str, object]
    written: "Future[None]"


class AuditLog:
    """`record` returns at once; its future is done when the line is written. One process writes one log."""

    def __init__(self, path: Path, sync_s: float = 0.05) -> None:
        self._path, self._sync_s = path, sync_s
        self._lines: queue.SimpleQueue[_Line | None] = queue.SimpleQueue()
        self._dead: str | None = None
        self._closed = False
        self._file = _open(path)
        try:
            self._head, self.repaired = _recover(self._file)
            if self.repaired:
                record = {"at": time.time(), "event": "repaired", "dropped_bytes": self.repaired}
                _write(self._file, self._head.link(record) + b"\n")
                os.fsync(self._file)
        except BaseException:
            os.close(self._file)
            raise
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._dead is None and self._thread.is_alive()

    def record(self, record: Mapping[str, object]) -> "Future[None]":
        line = _Line(record, Future())
        if not self.alive:
            line.written.set_exception(AuditError(self._dead or f"{self._path} is closed"))
            return line.written
        self._lines.put(line)
        if self._dead is not None:
            # The writer died in between and will not see the line.
            self._fail([])
        return line.written

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._lines.put(None)
            self._thread.join()
            os.close(self._file)

    def _run(self) -> None:
        taken: list[_Line] = []
        try:
            due: float | None = None
            while True:
                ended = self._take(taken, due)
                if taken:
                    self._commit(taken)
                    due = due or time.monotonic() + self._sync_s
                if due is not None and (ended or time.monotonic() >= due):
                    os.fsync(self._file)
                    due = None
                if ended:
                    return
        except Exception as error:  # the one boundary: the gateway must learn of it, and then serves nothing
            self._dead = f"{self._path} cannot be written: {type(error).__name__}"
            self._fail(taken)

    def _take(self, taken: list[_Line], due: float | None) -> bool:
        """Wait for a line, or for the time to sync; then take all that wait. True when it was the last."""
        try:
            line = self._lines.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
            while line is not None:
                taken.append(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return False
        return True

    def _commit(self, taken: list[_Line]) -> None:
        _write(self._file, b"".join(self._head.link(line.record) + b"\n" for line in taken))
        while taken:
            line = taken.pop()
            # A waiter that was cancelled is gone; its line is written all the same.
            if line.written.set_running_or_notify_cancel():
                line.written.set_result(None)

    def _fail(self, taken: list[_Line]) -> None:
        for line in (*taken, *self._waiting()):
            if line.written.set_running_or_notify_cancel():
                line.written.set_exception(AuditError(self._dead))

    def _waiting(self) -> Iterator[_Line]:
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            if line is not None:
                yield line


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise AuditError(f"{path} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise AuditError(f"{path} is in use by another process; give each gateway a log of its own") from None
    return file


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _recover(file: int) -> tuple[_Head, int]:
    """Where the chain goes on, and how many bytes of a line that was never finished were cut off."""
    size = os.fstat(file).st_size
    end = _last_line_end(file, size)
    if end < size:
        os.ftruncate(file, end)
    if end == 0:
        return _Head(), size
    start = _last_line_end(file, end - 1)
    line = os.pread(file, end - 1 - start, start)
    try:
        record = orjson.loads(line)
        return _Head(int(record["sequence"]) + 1, digest_of(line)), size - end
    except (ValueError, KeyError, TypeError):
        raise AuditError(
            "the last line of the audit log is not a record; move the file away to start anew"
        ) from None


def _last_line_end(file: int, size: int) -> int:
    """Just after the last line end before `size`."""
    while size > 0:
        start = max(0, size - 65536)
        found = os.pread(file, size - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        size = start
    return 0


@dataclass(frozen=True, slots=True)
class Verified:
    """`head` is the digest of the last line: keep it elsewhere, and a log cut short later will show."""

    lines: int
    head: str
    problem: str | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None

    def __str__(self) -> str:
        sound = f"{self.lines} lines follow from one another; head {self.head}"
        return sound if self.problem is None else f"{self.problem} (before it: {sound})"


def verify(path: Path) -> Verified:
    """Follow the chain from its first line."""
    head = _Head()
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            problem = _problem(raw, head)
            if problem is not None:
                return Verified(head.sequence, head.previous, f"line {number}: {problem}")
            head = _Head(head.sequence + 1, digest_of(raw[:-1]))
    return Verified(head.sequence, head.previous)


def _problem(raw: bytes, head: _Head) -> str | None:
    if not raw.endswith(b"\n"):
        return "is not finished"
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "is not JSON"
    if not isinstance(record, dict) or record.get("sequence") != head.sequence:
        return f"expected sequence {head.sequence}; lines were taken out or put in"
    if record.get("previous") != head.previous:
        return "does not follow from the line before; one of the two was changed"
    return None


def show(path: Path, request_id: str | None = None) -> Iterator[str]:
    """The log in words, a line a request; a line that is no record is said to be none."""
    with path.open("rb") as file:
        for raw in file:
            try:
                record = orjson.loads(raw)
                if request_id is None or record.get("request") == request_id:
                    yield _shown(record)
            except (ValueError, KeyError, TypeError, AttributeError):
                yield "(a line that is not a record)"


def _shown(record: Json) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(float(str(record.get("at", 0)))))
    if record.get("event") != "request":
        return f"{at}  {record.get('event')}"
    head = f"{at}  {record['request']}  {record['status']}  {record['outcome']}"
    named = [
        f"model {record['model']}" if record["model"] else "",
        f"key {record['key']}" if record["key"] else "",
    ]
    return "  ".join([head, *filter(None, named), *_found(record)])


def _found(record: Json) -> list[str]:
    """Findings of one kind stand together: where, what was done, by which detector, for which entry."""
    counts: dict[str, int] = {}
    findings = record["findings"]
    assert isinstance(findings, list)
    for one in findings:
        where = f"{one['surface']}/{one['role']}" if one["surface"] == "prompt" else one["surface"]
        said = f"{where}: {one['action']} {one['entry']} ({one['detector']})"
        counts[said] = counts.get(said, 0) + 1
    return [said + (f" x{count}" if count > 1 else "") for said, count in counts.items()]
