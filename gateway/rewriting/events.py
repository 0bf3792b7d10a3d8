"""A whole answer as the events of a stream: the same kinds of events whatever became of the answer."""

from collections.abc import Iterator

from gateway.errors import Json
from gateway.refusal import Frame

TEXTS = ("reasoning", "reasoning_content", "content", "refusal")


def events(frame: Frame, choices: list[Json], usage: Json | None) -> list[Json]:
    """`usage` is told where it is wanted."""
    sent = [event for choice in choices for event in _choice(frame, choice)]
    return [*sent, *([frame.usage_chunk(usage)] if usage is not None else [])]


def _choice(frame: Frame, choice: Json) -> Iterator[Json]:
    index, message, finish = choice["index"], choice["message"], choice["finish_reason"]
    assert isinstance(index, int)
    assert isinstance(message, dict)
    yield frame.chunk(index, {"role": "assistant", "content": ""})
    for name in TEXTS:
        if message.get(name):
            yield frame.chunk(index, {name: message[name]})
    if message.get("function_call"):
        yield frame.chunk(index, {"function_call": message["function_call"]})
    if calls := message.get("tool_calls"):
        yield frame.chunk(
            index, {"tool_calls": [{"index": place} | call for place, call in enumerate(calls)]}
        )
    yield frame.chunk(index, {}, finish if isinstance(finish, str) else "stop")
