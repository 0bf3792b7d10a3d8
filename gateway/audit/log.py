"""What was asked and what was done, one line a request, each line holding the digest of the line before.

Rules: a line carries ids, spans, scores and times, and never a text. It is written before the last byte of
its answer leaves, and is on the disk at most `sync_s` later. While lines cannot be written `alive` is false
and nothing is served; the writer tries again by itself, and then says for how long it could not. What the
requests of one turn of the loop record is written at once, in the loop where nobody holds the file; all that
may take a while the writer does, a thread.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.audit.file import AuditError, AuditFile
from gateway.audit.signer import Signer
from gateway.audit.waiting import Line, Refusal, by_loop, wake
from policy.signing_key import SigningKey

__all__ = ["AuditError", "AuditLog"]

log = logging.getLogger("unsay")

# An idle process looks this often whether the log was moved, so that it does not miss one of two moves.
FOLLOW_S = 10.0

# Lines that wait in memory while the log cannot be written: there are as many as requests under way, and
# clients that leave at once cannot make them more than this.
LATE_LINES = 10_000

# How soon to look again whether those who were refused have heard of it.
SETTLE_S = 0.01


# Wakes the writer, which finds something due.
_DUE = Line(b"")


@dataclass(frozen=True, slots=True)
class _Outage:
    since: float
    problem: str


class AuditLog:
    """Open it after a fork: its writer is a thread, and its lock must not be shared."""

    def __init__(
        self, path: Path, sync_s: float = 0.05, retry_s: float = 1.0, key: SigningKey | None = None
    ) -> None:
        self._path, self._sync_s, self._retry_s = path, sync_s, retry_s
        self._signer = None if key is None else Signer(key)
        self._file = AuditFile(path)
        # Held by who works with the file, and by the writer while it waits for the disk.
        self._busy = threading.Lock()
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._together: list[Line] = []
        self._late: list[bytes] = []
        self._unwritten = 0
        self._refused: list[Refusal] = []
        self._outage: _Outage | None = None
        self._unsynced, self._due = False, 0.0
        self._closed, self._runs = False, True
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._outage is None and self._runs

    async def record(self, record: Mapping[str, object], again: bool = False) -> None:
        """Returns when the line is written. Fails when it cannot be; it then never will be.

        `again`: whoever is told so notes a line of the same request later, which is not to be counted twice.
        """
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[str | None] = loop.create_future()
        if not self._together:
            loop.call_soon(self._write_together)
        self._together.append(Line(orjson.dumps(record), waiter, again))
        problem = await waiter
        if problem is not None:
            raise AuditError(f"{self._path} cannot be written: {problem}")

    def note(self, record: Mapping[str, object]) -> None:
        """For a line that nobody waits for: it is written as soon as it can be."""
        self._put(Line(orjson.dumps(record)))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            # Of a loop that ended in the middle of its turn.
            for line in self._together:
                self._lines.put(Line(line.record))
            self._lines.put(None)
            self._thread.join()
            self._file.close()

    def _write_together(self) -> None:
        """What the requests of one turn of the loop record, at once: each write costs more than its lines."""
        lines, self._together = self._together, []
        if self._write_now([line.record for line in lines]):
            wake(lines, None)
            return
        for line in lines:
            self._put(line)

    def _write_now(self, records: Sequence[bytes]) -> bool:
        """Write lines if that takes no waiting. What goes wrong the writer meets again, and tells."""
        if not self.alive or not self._busy.acquire(blocking=False):
            return False
        try:
            if self._outage is not None or not self._file.append_now(records):
                return False
            if not self._unsynced:
                self._expect_sync()
                self._lines.put(_DUE)
        except Exception:
            return False
        finally:
            self._busy.release()
        return True

    def _expect_sync(self) -> None:
        self._unsynced, self._due = True, time.monotonic() + self._sync_s

    def _put(self, line: Line) -> None:
        self._lines.put(line)
        if not self._thread.is_alive():
            self._refuse(list(self._waiting()))

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        finally:
            self._runs = False
            self._refuse(list(self._waiting()))

    def _turn(self) -> bool:
        lines, ended = self._take()
        with self._busy:
            self._work(lines, ended)
        return not ended

    def _work(self, lines: list[Line], ended: bool) -> None:
        due = ended or time.monotonic() >= self._due
        try:
            if self._outage is not None and due:
                self._resume(self._outage)
            if self._outage is None:
                self._commit(lines, due, ended)
        except (
            Exception
        ) as error:  # the one boundary: whatever it was, nothing is served until a write succeeds
            self._fail(error)
        self._refuse(lines)

    def _take(self) -> tuple[list[Line], bool]:
        """Wait for a line, or until something is due; then take all that wait. True with the last ones."""
        lines: list[Line] = []
        try:
            line = self._lines.get(timeout=max(0.0, self._due - time.monotonic()))
            while line is not None:
                if line is not _DUE:
                    lines.append(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return lines, False
        return lines, True

    def _commit(self, lines: list[Line], due: bool, ended: bool) -> None:
        """Write what was taken and confirm it. The list then holds what is left to refuse: nothing."""
        if self._file.append([line.record for line in lines]) and not self._unsynced:
            self._expect_sync()
        self._confirm(lines)
        lines.clear()
        if due:
            self._settle_on_disk(ended)

    def _settle_on_disk(self, ended: bool) -> None:
        """Sign what was written, if it is time, and wait for the disk."""
        now, wait_s = time.monotonic(), FOLLOW_S
        if self._signer is not None:
            if self._unsynced:
                self._signer.owes = True
            if self._signer.due(now, ended):
                self._file.append([self._signer.record()], self._signer.key)
                self._signer.signed(now)
                self._unsynced = True
            wait_s = self._signer.wait_s(now, FOLLOW_S)
        if self._unsynced:
            self._file.sync()
        self._unsynced, self._due = False, time.monotonic() + wait_s

    def _fail(self, error: Exception) -> None:
        self._due = time.monotonic() + self._retry_s
        if self._outage is None:
            self._outage = _Outage(round(time.time(), 3), _reason(error, self._path))
            problem = self._outage.problem
            log.error("%s cannot be written: %s; nothing is served until it can be", self._path, problem)

    def _resume(self, outage: _Outage) -> None:
        """Write what had to wait, and that it had to; once it is known what had to."""
        self._settle()
        if self._refused:
            self._due = time.monotonic() + SETTLE_S
            return
        said = {"event": "resumed", "at": round(time.time(), 3), "since": outage.since}
        said |= {"problem": outage.problem, "unwritten": self._unwritten}
        self._file.append([*self._late, orjson.dumps(said)])
        self._late.clear()
        self._unwritten = 0
        self._file.sync()
        if self._signer is not None:
            self._signer.owes = True
        self._outage = None
        log.warning("%s can be written again", self._path)

    def _refuse(self, lines: Sequence[Line]) -> None:
        problem = self._outage.problem if self._outage is not None else "it is closed"
        self._keep([line for line in lines if line.waiter is None])
        self._refused += [Refusal(loop, told, problem) for loop, told in by_loop(lines).items()]
        self._settle()

    def _settle(self) -> None:
        """Count those who were told, as far as their loops have told them."""
        for refusal in tuple(self._refused):
            owed = refusal.owed()
            if owed is not None:
                self._refused.remove(refusal)
                self._unwritten += refusal.unwritten
                self._keep(owed)

    def _keep(self, owed: Sequence[Line]) -> None:
        """To be written late, as many as memory is given for."""
        kept = owed[: LATE_LINES - len(self._late)]
        self._late += (line.record for line in kept)
        self._unwritten += len(owed) - len(kept)

    def _confirm(self, lines: Sequence[Line]) -> None:
        for loop, told in by_loop(lines).items():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(wake, told, None)

    def _waiting(self) -> Iterator[Line]:
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return
            if line is not None and line is not _DUE:
                yield line


def _reason(error: Exception, path: Path) -> str:
    """Why, in words that hold nothing of a record."""
    if isinstance(error, OSError):
        return error.strerror or str(error).removeprefix(f"{path}: ")
    return type(error).__name__
