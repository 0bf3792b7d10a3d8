"""Tells from Unsay's audit log whether a request came to the model at all.

The rule: only what the log says outright counts as kept from the model; what it does not say is not known.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_KEPT: Final = frozenset({"refused", "rejected"})
_LOOKS: Final = 5
_EVERY_S: Final = 0.05


class AuditLog:
    """What is added to the log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size
        self._came: dict[str, bool] = {}

    async def asked(self, ids: Sequence[str]) -> int | None:
        """How many of these requests came to the model; None where one of them is not in the log.

        A client that leaves a stream may know of its request before the log does.
        """
        for _ in range(_LOOKS):
            self._read()
            if all(one in self._came for one in ids):
                return sum([self._came.pop(one) for one in ids])
            await asyncio.sleep(_EVERY_S)
        return None

    def _read(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            record = json.loads(line)
            if record.get("event") == "request":
                kept = record["outcome"] in _KEPT and record["upstream_status"] is None
                self._came[record["request"]] = not kept
