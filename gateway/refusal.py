"""Answers that the gateway writes itself, and the endings of those it stops.

Rule: one constant shape, whatever was found: the same status, the same headers, the same fields as an answer
of the model, and no word of what was withheld. Usage is an estimate from lengths: no model counted tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.answer import Answer
from gateway.config import RefusalShape
from gateway.errors import Json
from policy.surface import Channel


@dataclass(frozen=True, slots=True)
class Frame:
    """What every body and chunk of one answer has in common."""

    id: str
    created: int
    model: str

    def whole(self, choices: list[Json], usage: Json | None) -> Json:
        body: Json = {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
        }
        return body | {"choices": choices} | ({"usage": usage} if usage else {})

    def chunk(self, choice: int, delta: Json, finish: str | None = None) -> Json:
        one: Json = {"index": choice, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._chunk([one])

    def usage_chunk(self, usage: Json) -> Json:
        return self._chunk([]) | {"usage": usage}

    def _chunk(self, choices: list[Json]) -> Json:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """A withheld answer. What a program parses gets `refusal`, which the official clients understand."""

    notice: str
    shape: RefusalShape
    machine_read: bool

    @property
    def finish(self) -> str:
        return "content_filter" if self.shape is RefusalShape.CONTENT_FILTER else "stop"

    def delta(self) -> Json:
        if self.shape is RefusalShape.CONTENT_FILTER:
            return {}
        by_refusal = self.machine_read or self.shape is RefusalShape.REFUSAL
        return {"refusal": self.notice} if by_refusal else {"content": self.notice}

    def ending(self, answer: Answer, choice: int) -> Json:
        """What ends a choice that was stopped: nothing, where its prose ends with the notice already."""
        key = answer.stopped(choice)
        assert key is not None
        if key.channel is Channel.CONTENT and not self.machine_read:
            return {}
        told = self.delta()
        apart = "\n\n" if "content" in told and answer.sent(choice, Channel.CONTENT) else ""
        return {"content": apart + self.notice} if apart else told

    def message(self) -> Json:
        return {"role": "assistant", "content": None, "refusal": None} | self.delta()

    def whole(self, frame: Frame, choices: int, usage: Json) -> Json:
        return frame.whole([choice(index, self.message(), self.finish) for index in range(choices)], usage)

    def chunks(self, frame: Frame, choices: int) -> Iterator[Json]:
        for index in range(choices):
            yield frame.chunk(index, {"role": "assistant", "content": ""})
        for index in range(choices):
            if delta := self.delta():
                yield frame.chunk(index, delta)
            yield frame.chunk(index, {}, self.finish)


def choice(index: int, message: Json, finish: str | None) -> Json:
    return {"index": index, "message": message, "logprobs": None, "finish_reason": finish}


def tokens(characters: int) -> int:
    """About four characters to a token; a prompt's template adds a few that nobody sees."""
    return max(1, (characters + 3) // 4)


def estimated(prompt: int, completion: int) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
