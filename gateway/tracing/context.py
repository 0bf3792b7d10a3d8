"""Where a request stands in a trace that goes through many servers, as the W3C's `traceparent` says it.

Rule: whoever asks can say in which trace a request is, and that it is told nowhere; not that it is told.
"""

import re
import secrets
from dataclasses import dataclass

from gateway.config_tracing import Tracing
from gateway.fields import Fields

_PARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]([0-9a-f])")


@dataclass(frozen=True, slots=True)
class Context:
    """`span` is the request's own, `scan` that of its prompt's scan."""

    trace: int
    caller: int | None
    span: int
    scan: int

    def parent(self, span: int | None = None) -> str:
        """What is told of a span to whoever it asks: the request's own, or one of it."""
        return f"00-{self.trace:032x}-{self.span if span is None else span:016x}-01"

    def header(self, span: int) -> bytes:
        """The same, as a line of a head."""
        return f"traceparent: {self.parent(span)}\r\n".encode()


def begun(fields: Fields, settings: Tracing) -> Context | None:
    """None where the request is not told."""
    given = fields.get(b"traceparent", ()) if settings.continues else ()
    found = _PARENT.fullmatch(given[0]) if len(given) == 1 else None
    trace, parent = (int(found[1], 16), int(found[2], 16)) if found else (0, 0)
    if trace and parent:
        told = int(found[3], 16) & 1 if found else 0
    else:
        trace, parent, told = _number(16), 0, 1
    if not told or (trace & (2**64 - 1)) >= settings.share * 2**64:
        return None
    return Context(trace, parent or None, fresh(), fresh())


def fresh() -> int:
    """The number of a new span."""
    return _number(8)


def _number(size: int) -> int:
    """Never 0, which means none."""
    return int.from_bytes(secrets.token_bytes(size)) or 1
