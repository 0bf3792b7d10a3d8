"""How much of the bodies of requests and of whole answers one worker holds at a time.

Rule: bytes count as they come, and until their request is over. Who would make them more than the limit is
told to come again later; a body that comes alone may be as large as any.
"""

from typing import Self

from gateway import errors


class Bodies:
    """Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    def one(self) -> "Load":
        """What one request will hold."""
        return Load(self)

    def take(self, size: int, more: int) -> None:
        """For who holds `size` bytes already."""
        if self.held > size and self.held + more > self._most:
            raise errors.overloaded()
        self.held += more


class Load:
    __slots__ = ("_bodies", "_size")

    def __init__(self, bodies: Bodies) -> None:
        self._bodies, self._size = bodies, 0

    def take(self, more: int) -> None:
        self._bodies.take(self._size, more)
        self._size += more

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bodies.held -= self._size
