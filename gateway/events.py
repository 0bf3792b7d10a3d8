"""What the model server says in the events of one stream, the pieces of a text that came together as one.

Rule: pieces are joined only where they stand side by side in what came at once; how a text is cut changes
nothing of what is sent of it. What came before an event that cannot be read is told before the error.
"""

from collections.abc import AsyncGenerator, Sequence

from gateway.protection import Protection
from gateway.upstream.sse import Event
from gateway.wire.answer import Heard
from gateway.wire.wire import Wire

DONE = b"[DONE]"


class Events:
    """`over`: the model server has said that this is all."""

    def __init__(self, protection: Protection, wire: Wire, choices: int) -> None:
        self._protection, self._wire, self._choices = protection, wire, choices
        self._pieces = wire.pieces(wire.contract, choices) if wire.pieces is not None else None
        self.over = False

    async def heard(self, events: Sequence[Event]) -> AsyncGenerator[Heard]:
        texts: list[str] = []
        pieces = self._pieces
        for event in events:
            text = pieces.text(event.data) if pieces is not None else None
            if text is not None:
                texts.append(text)
                continue
            if pieces is not None and texts:
                yield Heard([pieces.said(texts)])
                texts = []
            self.over = event.data == DONE
            if self.over:
                return
            heard = await self._protection.heard(self._wire, event.data, self._choices, streamed=True)
            yield heard
            self.over = heard.over
            if self.over:
                return
            if pieces is not None:
                pieces.learn(event.data)
        if pieces is not None and texts:
            yield Heard([pieces.said(texts)])
