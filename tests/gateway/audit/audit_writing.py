"""Writing an audit log as the gateway does, without a gateway."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.audit.log import AuditLog

PATIENCE_S = 60.0

Open = Callable[..., AuditLog]


def request(number: int) -> dict[str, object]:
    return {"at": 0.0, "event": "request", "number": number}


def write(log: AuditLog, *numbers: int) -> None:
    """One after the other; returns when each is written."""

    async def writing() -> None:
        for number in numbers:
            await asyncio.wait_for(log.record(request(number)), PATIENCE_S)

    asyncio.run(writing())


def written(path: Path, *numbers: int) -> None:
    log = AuditLog(path)
    write(log, *numbers)
    log.close()


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def numbers(*paths: Path) -> list[int]:
    return [record["number"] for path in paths for record in records(path) if record["event"] == "request"]
