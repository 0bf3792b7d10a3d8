"""Answers of a model server that speaks messages: the events and bodies that vLLM makes of such blocks."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.gateway.canned import Asked, Script, stream, whole

USAGE = {"input_tokens": 7, "output_tokens": 5}
SIGNATURE = "5f0b17d2"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an answer, in pieces. `name` and `id` are a call's."""

    kind: str
    pieces: tuple[str, ...]
    name: str = "look"
    id: str = "toolu_1"

    def written(self, begun: bool = False) -> dict[str, Any]:
        said = "" if begun else "".join(self.pieces)
        if self.kind == "text":
            return {"type": "text", "text": said}
        if self.kind == "thinking":
            signed = {} if begun else {"signature": SIGNATURE}
            return {"type": "thinking", "thinking": said, **signed}
        return {"type": "tool_use", "id": self.id, "name": self.name, "input": json.loads(said or "{}")}

    def deltas(self) -> list[dict[str, Any]]:
        match self.kind:
            case "text":
                return [{"type": "text_delta", "text": piece} for piece in self.pieces]
            case "thinking":
                said = [{"type": "thinking_delta", "thinking": piece} for piece in self.pieces]
                return [*said, {"type": "signature_delta", "signature": SIGNATURE}]
        return [{"type": "input_json_delta", "partial_json": piece} for piece in self.pieces]


def text(*pieces: str) -> Block:
    return Block("text", pieces)


def thought(*pieces: str) -> Block:
    return Block("thinking", pieces)


def call(*pieces: str, name: str = "look", id: str = "toolu_1") -> Block:
    return Block("tool_use", pieces, name, id)


def body(blocks: Sequence[Block], stop: str, **more: Any) -> dict[str, Any]:
    said = [block.written() for block in blocks]
    return {
        "id": "chatcmpl-1",
        "type": "message",
        "role": "assistant",
        "content": said,
        "model": "demo",
        "stop_reason": stop,
        "usage": USAGE,
        **more,
    }


def events(blocks: Sequence[Block], stop: str, **more: Any) -> list[dict[str, Any]]:
    begun = body([], stop) | {"stop_reason": None, "stop_sequence": None}
    begun["usage"] = USAGE | {"output_tokens": 0}
    listed: list[dict[str, Any]] = [{"type": "message_start", "message": begun}]
    for index, block in enumerate(blocks):
        started = {"type": "content_block_start", "content_block": block.written(begun=True), "index": index}
        said = [{"type": "content_block_delta", "delta": delta, "index": index} for delta in block.deltas()]
        listed += [started, *said, {"type": "content_block_stop", "index": index}]
    ended = {"stop_reason": stop, "stop_sequence": None, **more}
    return [
        *listed,
        {"type": "message_delta", "delta": ended, "usage": USAGE},
        {"type": "message_stop"},
    ]


def encoded(listed: Iterable[dict[str, Any]]) -> list[bytes]:
    return [
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode()) for event in listed
    ]


def spoken(*blocks: Block, stop: str = "end_turn", **more: Any) -> Callable[[Asked], Script]:
    """As it is asked for: whole, or streamed. `more`: what is told of its end besides."""

    def answers(asked: Asked) -> Script:
        if asked.json.get("stream"):
            return stream(*encoded(events(blocks, stop, **more)))
        return whole(body(blocks, stop, **more))

    return answers
