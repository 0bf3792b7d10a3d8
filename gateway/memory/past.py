"""What the sessions of one request said before, and what they say now.

Rule: only what goes on to the model is remembered. What was refused told it nothing, and must not make what
comes later suspect. That a session had told a portion of a passage by then is remembered all the same.
"""

from collections.abc import Callable, Sequence

from filters.pieces import Piece
from gateway.memory.session import Names, holder, sessions
from gateway.record import Record
from gateway.services import Services

Digest = Callable[[Names], bytes]


class Past:
    """Without sessions, or without a memory, there is none. `names` say whose the sessions are."""

    def __init__(self, services: Services, digest: Digest, names: Sequence[Names]) -> None:
        self._memory = services.memory if names else None
        self._metrics, self._digest, self._names = services.metrics, digest, names

    async def recall(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        if self._memory is None:
            return ()
        found = await self._memory.recall(self._sessions(), pieces)
        if found:
            self._metrics.remembered.inc()
        return found

    def keep(self, pieces: Sequence[Piece], record: Record) -> None:
        if self._memory is not None and pieces:
            whose = holder(self._names[0])
            digest = None if whose is None else self._digest(whose)
            record.remember(self._memory.keep(self._sessions(), pieces, digest))

    def _sessions(self) -> tuple[bytes, ...]:
        return tuple(map(self._digest, self._names))


def past_of(
    services: Services, digest: Digest, key: str | None, user: str | None, conversation: str | None
) -> Past | None:
    """Of those whom a request names; none where it names nobody, or nothing is remembered."""
    settings = services.config.memory
    if settings is None:
        return None
    names = sessions(key, user, conversation, keys=settings.keys)
    return Past(services, digest, names) if names else None
