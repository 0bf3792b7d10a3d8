"""A disk that fails when it is told to."""

import os
from functools import partial

import pytest

from gateway.audit.log import AuditLog

FULL = OSError(28, "No space left on device")


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
