"""A streamed answer: what the model server says in, events for the client out.

Rule: the client sees the same kinds of events whatever was found.
"""

from collections.abc import Sequence

from filters.answer_guard import TextKey
from gateway.answer import Answer
from gateway.errors import Json
from gateway.odds import AnswerOdds
from gateway.refusal import Refusal
from gateway.upstream.error import checked_event
from gateway.wire.answer import Heard, Said, SlotRole, Texts
from gateway.wire.request import Request
from gateway.wire.writer import Writer
from policy.surface import Channel


class Stream:
    """`odds`: how likely tokens were, where it is told."""

    def __init__(
        self,
        answer: Answer,
        writer: Writer,
        refusal: Refusal,
        request: Request,
        odds: AnswerOdds | None = None,
    ) -> None:
        self.answer, self._odds = answer, odds
        self._writer, self._refusal, self._request = writer, refusal, request
        self._begun: set[int] = set()
        self._usage: Json | None = None

    @property
    def complete(self) -> bool:
        """Whether what began came to its end; some model servers give fewer choices than were asked for."""
        return bool(self._begun) and all(map(self.answer.ended, self._begun))

    async def events(self, heard: Heard) -> list[Json]:
        """What the client gets for one event of the model server."""
        if heard.error is not None:
            raise await checked_event(heard.error, self.answer)
        self._usage = self.answer.counted = heard.usage or self._usage
        sent: list[Json] = []
        for one in heard.said:
            if self.answer.stopped(one.choice) is None:
                sent += await self._choice(one)
        return sent

    def last(self) -> list[Json]:
        """What stands between the last choice's end and the end of the stream."""
        return self._writer.last(self.usage() if self._request.include_usage else None)

    def usage(self) -> Json:
        return self.answer.usage(self._usage, self._request.size)

    async def _choice(self, one: Said) -> list[Json]:
        sent = self._begin(one.choice)
        texts: list[tuple[TextKey, str]] = []
        if self._odds is not None:
            self._odds.heard(one)
        for slot in one.slots:
            texts.append(self._released(slot.key, await self.answer.say(slot)))
            if slot.role is SlotRole.END:
                sent += self._pieces(one.choice, texts) + self._closed(slot.key)
                texts = []
        sent += self._pieces(one.choice, texts)
        if one.finish is not None and not self.answer.ended(one.choice):
            for key, text in await self.answer.flush(one.choice):
                sent += self._writer.pieces(one.choice, [self._released(key, text)])
            if self.answer.stopped(one.choice) is None:
                sent += self._writer.end(one.choice, self.answer.finish(one.choice, one.finish))
        return sent + self._ending(one.choice)

    def _released(self, key: TextKey, text: str) -> tuple[TextKey, str]:
        if self._odds is not None:
            self._odds.released(key, text)
        return key, text

    def _begin(self, choice: int) -> list[Json]:
        if choice in self._begun:
            return []
        self._begun.add(choice)
        return self._writer.begin(choice, self.answer.counted_before(self._usage, self._request.size))

    def _pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        if self.answer.stopped(choice) is not None:
            texts = without_calls(texts)
        return self._writer.pieces(choice, texts)

    def _closed(self, key: TextKey) -> list[Json]:
        return [] if self.answer.stopped(key.choice) is not None else self._writer.ended(key)

    def _ending(self, choice: int) -> list[Json]:
        """The end of a choice that was stopped."""
        if self.answer.stopped(choice) is None:
            return []
        self._writer.stopped(choice)
        sent = self._writer.pieces(choice, self._refusal.ending(self.answer, choice))
        return sent + self._writer.end(choice, self._refusal.finish)


def without_calls(texts: Sequence[tuple[TextKey, str]]) -> Texts:
    """Of a call that was stopped no further piece is sent."""
    return tuple(text for text in texts if text[0].channel is not Channel.ARGUMENTS)
