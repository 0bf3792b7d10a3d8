"""What the model server says in the events of one stream, the pieces of a text that came together as one.

Rule: pieces are joined only where they stand side by side in what came at once; how a text is cut changes
nothing of what is sent of it. What came before an event that cannot be read is told before the error.
"""

from collections.abc import AsyncGenerator, Sequence

from gateway.services import Protection
from gateway.upstream.sse import Event
from gateway.wire.chat.answer import Heard, piece
from gateway.wire.chat.pieces import Pieces

DONE = b"[DONE]"


class ChatEvents:
    """`over`: the model server has said that this is all."""

    def __init__(self, protection: Protection, choices: int) -> None:
        self._protection, self._choices = protection, choices
        self._pieces = Pieces(protection.contract, choices)
        self.over = False

    async def heard(self, events: Sequence[Event]) -> AsyncGenerator[Heard]:
        texts: list[str] = []
        for event in events:
            text = self._pieces.text(event.data)
            if text is not None:
                texts.append(text)
                continue
            if texts:
                yield self._said(texts)
                texts = []
            self.over = event.data == DONE
            if self.over:
                return
            yield await self._protection.heard(event.data, self._choices, streamed=True)
            self._pieces.learn(event.data)
        if texts:
            yield self._said(texts)

    def _said(self, texts: Sequence[str]) -> Heard:
        return Heard([piece(self._pieces.choice, "".join(texts))])
