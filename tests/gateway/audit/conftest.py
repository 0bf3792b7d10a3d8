from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.log import AuditLog
from tests.gateway.audit.audit_writing import Open
from tests.gateway.audit.disk import Disk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens logs. However the test ends, none goes on writing after it."""
    logs: list[AuditLog] = []

    def open_log(*args: object, **rest: object) -> AuditLog:
        logs.append(AuditLog(*args, **rest))  # type: ignore[arg-type]
        return logs[-1]

    yield open_log
    for log in logs:
        log.close()
