"""A streamed chat answer: chunks of the model server in, chunks for the client out.

Rule: the client sees the same kinds of chunks whatever was found: role, pieces of text, an end, usage.
"""

from gateway.answer import Answer
from gateway.errors import Json
from gateway.refusal import Frame, Refusal, estimated, tokens
from gateway.upstream.error import checked_event
from gateway.wire.chat.answer import Heard, Said, delta, put, says_something
from gateway.wire.chat.request import ChatRequest


class ChatStream:
    def __init__(self, answer: Answer, frame: Frame, refusal: Refusal, request: ChatRequest) -> None:
        self.answer = answer
        self._frame, self._refusal, self._request = frame, refusal, request
        self._begun: set[int] = set()
        self._usage: Json | None = None

    @property
    def complete(self) -> bool:
        """Whether what began came to its end; some model servers give fewer choices than were asked for."""
        return bool(self._begun) and all(map(self.answer.ended, self._begun))

    async def chunks(self, heard: Heard) -> list[Json]:
        """What the client gets for one event of the model server."""
        if heard.error is not None:
            raise await checked_event(heard.error, self.answer)
        self._usage = heard.usage or self._usage
        sent: list[Json] = []
        for one in heard.said:
            if self.answer.stopped(one.choice) is None:
                sent += await self._choice(one)
        return sent

    def last(self, prompt: int) -> list[Json]:
        """What stands between the last choice's end and the end of the stream."""
        if not self._request.include_usage:
            return []
        told = self._usage
        if self.answer.withheld or told is None:
            counted = (told or {}).get("prompt_tokens")
            before = counted if isinstance(counted, int) else tokens(prompt)
            told = estimated(before, tokens(self.answer.released))
        return [self._frame.usage_chunk(told)]

    async def _choice(self, one: Said) -> list[Json]:
        sent = self._begin(one.choice)
        for slot in one.slots:
            put(one.message, slot.at, await self.answer.say(slot))
        stopped = self.answer.stopped(one.choice) is not None
        if stopped:
            _drop_calls(one.message)
        sent += self._delta(one.choice, one.message)
        if one.finish is not None and not self.answer.ended(one.choice):
            held = await self.answer.flush(one.choice)
            sent += [self._frame.chunk(one.choice, delta(key, text)) for key, text in held]
            stopped = self.answer.stopped(one.choice) is not None
            if not stopped:
                sent.append(self._frame.chunk(one.choice, {}, one.finish))
        return sent + self._ending(one.choice) if stopped else sent

    def _begin(self, choice: int) -> list[Json]:
        if choice in self._begun:
            return []
        self._begun.add(choice)
        return [self._frame.chunk(choice, {"role": "assistant", "content": ""})]

    def _delta(self, choice: int, message: Json) -> list[Json]:
        """The pieces that hold something, as the chunks that the client expects."""
        kept: Json = {name: value for name, value in message.items() if says_something(value)}
        if isinstance(calls := kept.pop("tool_calls", None), list) and (calls := [*filter(_says, calls)]):
            kept["tool_calls"] = calls
        return [self._frame.chunk(choice, kept)] if kept else []

    def _ending(self, choice: int) -> list[Json]:
        """The end of a choice that was stopped."""
        told = self._refusal.ending(self.answer, choice)
        sent = [self._frame.chunk(choice, told)] if told else []
        return [*sent, self._frame.chunk(choice, {}, self._refusal.finish)]


def _drop_calls(message: Json) -> None:
    """Of a call that was stopped no further piece is sent."""
    message.pop("tool_calls", None)
    message.pop("function_call", None)


def _says(call: Json) -> bool:
    return says_something({name: value for name, value in call.items() if name != "type"})
