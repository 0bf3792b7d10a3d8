from collections.abc import Iterator

import pytest

from gateway.audit.log import AuditLog
from tests.gateway.audit.audit_writing import Open


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
