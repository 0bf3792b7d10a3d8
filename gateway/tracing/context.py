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
    """`span` is the request's own, `scan` that of its prompt's scan, `call` of the question to the model
    server.
    """

    trace: int
    parent: int | None
    span: int
    scan: int
    call: int

    @property
    def header(self) -> bytes:
        """What the model server is told."""
        return b"traceparent: 00-%032x-%016x-01\r\n" % (self.trace, self.call)


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
    return Context(trace, parent or None, _number(8), _number(8), _number(8))


def _number(size: int) -> int:
    """Never 0, which means none."""
    return int.from_bytes(secrets.token_bytes(size)) or 1
