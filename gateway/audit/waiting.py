"""Lines whose requests wait for them, and what becomes of those that cannot be written.

Rule: a refused line is owed where nobody will ask for it again: its request has left, or its loop is closed.
Who was told an error and will come again with a line of its own (`again`) is owed nothing by this one. Any
other is unwritten for good. Which it is shows only in the loop of the request, a moment later.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """The waiter gets None, or why the line could not be written."""

    record: bytes
    waiter: "asyncio.Future[str | None] | None" = None
    again: bool = False


class Refusal:
    """Of the waiting lines of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lines: Sequence[Line], problem: str) -> None:
        self._loop, self._lines = loop, lines
        self._left: Sequence[Line] | None = None
        try:
            loop.call_soon_threadsafe(self._tell, problem)
        except RuntimeError:
            self._left = lines

    def owed(self) -> Sequence[Line] | None:
        """The lines that are to be written all the same; None while that is not known."""
        # In this order: in a closed loop nobody can be told any more.
        if self._loop.is_closed() and self._left is None:
            self._left = self._lines
        return self._left

    @property
    def unwritten(self) -> int:
        """How many have no line, nor ever will, once it is known which are owed."""
        owed = set(map(id, self._left or ()))
        return sum(not line.again for line in self._lines if id(line) not in owed)

    def _tell(self, problem: str) -> None:
        left = [line for line in self._lines if line.waiter is not None and line.waiter.done()]
        wake(self._lines, problem)
        self._left = left


def wake(lines: Iterable[Line], problem: str | None) -> None:
    """In their loop."""
    for line in lines:
        if line.waiter is not None and not line.waiter.done():
            line.waiter.set_result(problem)


def by_loop(lines: Iterable[Line]) -> "dict[asyncio.AbstractEventLoop, list[Line]]":
    """All of one loop at once: a wake-up costs more than the line."""
    waiting: dict[asyncio.AbstractEventLoop, list[Line]] = {}
    for line in lines:
        if line.waiter is not None:
            waiting.setdefault(line.waiter.get_loop(), []).append(line)
    return waiting
