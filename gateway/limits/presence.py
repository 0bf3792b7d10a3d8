"""Whether the client of one request is still there.

Rule: it is told once by who holds its line, and heard by who works for it, without a task that waits for it.
"""

from collections.abc import Callable


class Presence:
    """`unread`: it is gone because it did not read."""

    __slots__ = ("_told", "gone", "unread")

    def __init__(self) -> None:
        self.gone = self.unread = False
        self._told: Callable[[], None] | None = None

    def tell(self, told: Callable[[], None] | None) -> None:
        """Whom to tell, from now on; at once, where it is gone already."""
        self._told = told
        if told is not None and self.gone:
            told()

    def leave(self) -> None:
        self.gone = True
        if self._told is not None:
            self._told()
