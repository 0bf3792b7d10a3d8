"""The log in words, for people: when, who, what was found where, what was done."""

import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from gateway.audit.lines import lines_of
from gateway.errors import Json

_CHAIN = frozenset({"sequence", "previous", "event", "at"})


def show(path: Path, request_id: str | None = None) -> Iterator[str]:
    """A line a request; a line that is no record is said to be none."""
    wanted = None if request_id is None else request_id.encode()
    for raw in lines_of(path):
        # Looked for in the bytes first: reading a line as JSON takes much longer.
        if wanted is None or wanted in raw:
            yield from _line(raw, request_id)


def _line(raw: bytes, request_id: str | None) -> Iterator[str]:
    if not raw.endswith(b"\n"):
        yield "(a line that was not finished)"
        return
    try:
        record = orjson.loads(raw)
        if request_id is None or record.get("request") == request_id:
            yield _shown(record)
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "(a line that is not a record)"


def _shown(record: Json) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(float(str(record.get("at", 0)))))
    if record.get("event") != "request":
        rest = (f"{name} {value}" for name, value in record.items() if name not in _CHAIN)
        return "  ".join([at, str(record.get("event")), *rest])
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
