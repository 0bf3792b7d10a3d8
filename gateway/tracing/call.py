"""One question to a model server on behalf of a request, as its trace tells of it.

Rule: whatever asks says in which trace that is (`traceparent`), so that what the model server does is in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import ApiError
from gateway.tracing.context import Context, fresh
from gateway.wire.answer import WireError


@dataclass(slots=True)
class Call:
    """Around a question and all that is done with its answer. Times are in seconds since the request came.

    `route`: by which API it is asked. `span`: its own number, 0 where nothing is told.
    """

    route: str
    model: str | None
    context: Context | None
    clock: Callable[[], float]
    span: int = 0
    asked_s: float = 0.0
    heard_s: float | None = None
    status: int | None = None
    failed: bool = False

    @property
    def header(self) -> bytes:
        """A line of the head of what is asked; nothing where nothing is told."""
        return self.context.header(self.span) if self.context is not None else b""

    def __enter__(self) -> "Call":
        if self.context is not None:
            self.span = fresh()
        self.asked_s = self.clock()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self.heard_s = self.clock()
        told = isinstance(error, ApiError) and (error.code or "").startswith("upstream_")
        self.failed = told or isinstance(error, WireError) or (self.status or 0) >= 500
