"""The file of the audit log, to which any number of processes append one chain.

Rules: who appends holds the lock, and looks first whether the path is still this file and where the chain
stands. A line that a killed process left unfinished is cut off, and a record says so. All of a batch is
written or none of it. Lines that this process wrote and no longer finds leave a gap in the numbers: the
chain does not close over a loss.
"""

import logging
import os
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from gateway.audit.lock import leave, locked, taken
from index.chain import LINE_BYTES, Head
from policy.signing_key import SigningKey

log = logging.getLogger("unsay")


class AuditError(OSError):
    """The log cannot be written; says where and why."""


class AuditFile:
    """One process's hold on the log. Not for several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size, self._head = 0, Head()
        self._remarks: list[bytes] = []
        # What a failed write may have left, where taking it back failed too.
        self._left = b""
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._hold(_open(path))
        try:
            with locked(self._file):
                self._look()
        except OSError as error:
            os.close(self._file)
            raise error if isinstance(error, AuditError) else AuditError(f"{path}: {error}") from None

    def append(self, records: Sequence[bytes], key: SigningKey | None = None) -> bool:
        """Write all of the records or none, where the log now is; with a key, the last of them signed.

        True when anything was written.
        """
        while True:
            with locked(self._file):
                if (size := self._size_in_place()) is not None:
                    self._look(size)
                    return self._put(records, key)
                file = self._successor()
            os.close(self._file)
            self._hold(file)
            self._size, self._left = 0, b""

    def append_now(self, records: Sequence[bytes]) -> bool:
        """Write all of them if nothing has to be waited for; else nothing is done."""
        if not taken(self._file):
            return False
        try:
            if (size := self._size_in_place()) is None:
                return False
            self._look(size)
            return self._put(records)
        finally:
            leave(self._file)

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _hold(self, file: int) -> None:
        self._file, self._identity = file, _identity(os.fstat(file))

    def _size_in_place(self) -> int | None:
        """How large the file is; None where the path is another file by now, or none."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_size if _identity(found) == self._identity else None

    def _successor(self) -> int:
        """The file that now has the path. Its first line follows from the last of this one."""
        # The old file may be out of reach for good; what this process knows of its end must then do.
        with suppress(OSError):
            self._look()
            os.fsync(self._file)
        file = _open(self._path)
        try:
            with locked(file):
                if os.fstat(file).st_size == 0:
                    line, _ = self._head.link(_remark("rotated"))
                    _write(file, line, 0)
        except BaseException:
            os.close(file)
            raise
        return file

    def _look(self, size: int | None = None) -> None:
        """Learn where the chain stands when others wrote; cut off what one of them did not finish."""
        if self._left or size is None:
            self._take_back()
            size = os.fstat(self._file).st_size
        if size == self._size:
            return
        end = _last_line_end(self._file, size)
        if end < size:
            os.ftruncate(self._file, end)
            self._remarks.append(_remark("repaired", dropped_bytes=size - end))
            log.warning("%s: an unfinished line of %d bytes at the end was cut off", self._path, size - end)
        if end < self._size:
            self._remarks.append(_remark("cut", missing_bytes=self._size - end))
            log.error("%s: %d bytes at its end were taken out", self._path, self._size - end)
        else:
            self._head = _head_at(self._file, self._path, end)
        self._size = end

    def _take_back(self) -> None:
        """Those lines are counted as unwritten. Where another process has built on them they stay."""
        if self._left:
            found = os.pread(self._file, len(self._left) + 1, self._size)
            if found and self._left.startswith(found):
                os.ftruncate(self._file, self._size)
            self._left = b""

    def _put(self, records: Sequence[bytes], key: SigningKey | None = None) -> bool:
        head, lines, last = self._head, [], len(self._remarks) + len(records) - 1
        for place, record in enumerate((*self._remarks, *records)):
            line, head = head.link(record, key if place == last else None)
            lines.append(line)
        data = b"".join(lines)
        if data:
            self._left = data
            _write(self._file, data, self._size)
            self._left = b""
            self._size, self._head = self._size + len(data), head
            self._remarks.clear()
        return bool(data)


def _remark(event: str, **fields: object) -> bytes:
    return orjson.dumps({"event": event, "at": round(time.time(), 3), **fields})


def _open(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise AuditError(f"{path}: cannot be opened: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise AuditError(f"{path}: expected a file, found something else")
        _sync_folder(path.parent)
    except BaseException:
        os.close(file)
        raise
    return file


def _identity(found: os.stat_result) -> tuple[int, int]:
    """Of a file that is open no other file has it."""
    return found.st_dev, found.st_ino


def _sync_folder(folder: Path) -> None:
    """A new file is on the disk when its name is."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _write(file: int, data: bytes, size: int) -> None:
    """All of it, or the file is again as long as it was."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(file, view) :]
    except BaseException:
        with suppress(OSError):
            os.ftruncate(file, size)
        raise


def _head_at(file: int, path: Path, end: int) -> Head:
    if end == 0:
        return Head()
    start = _last_line_end(file, end - 1)
    line = os.pread(file, min(end - 1 - start, LINE_BYTES), start)
    try:
        return Head.read(line).after(line)
    except ValueError:
        raise AuditError(f"{path}: its last line is not a record; move the file away to start anew") from None


def _last_line_end(file: int, size: int) -> int:
    """Just after the last line end before `size`."""
    while size > 0:
        start = max(0, size - 65536)
        found = os.pread(file, size - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        size = start
    return 0
