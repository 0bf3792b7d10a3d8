"""Answers of a model server that speaks responses: the events and the bodies that vLLM makes of items."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.gateway.canned import Asked, Script, stream, whole

USAGE = {
    "input_tokens": 7,
    "input_tokens_details": {
        "cached_tokens": 3,
        "cache_write_tokens": 0,
        "input_tokens_per_turn": [],
        "cached_tokens_per_turn": [],
    },
    "output_tokens": 5,
    "output_tokens_details": {
        "reasoning_tokens": 2,
        "tool_output_tokens": 0,
        "output_tokens_per_turn": [],
        "tool_output_tokens_per_turn": [],
    },
    "total_tokens": 12,
}
FORMS = {
    "message": ("output_text", "response.output_text", "response.content_part", "text"),
    "reasoning": ("reasoning_text", "response.reasoning_text", "response.content_part", "text"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an answer, in pieces. `name` and `call_id` are a call's."""

    kind: str
    pieces: tuple[str, ...]
    name: str = "look"
    call_id: str = "call_1"

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def written(self, begun: bool = False) -> dict[str, Any]:
        if self.kind == "function_call":
            said = "" if begun else self.text
            own: dict[str, Any] = {"call_id": self.call_id, "name": self.name, "arguments": said}
        elif self.kind == "message":
            own = {"role": "assistant", "content": [] if begun else [self.part(self.text)], "phase": None}
        else:
            own = {"summary": [], "content": [] if begun else [self.part(self.text)]}
        status = "in_progress" if begun else "completed"
        return {"type": self.kind, "id": f"{self.kind}_1", "status": status, **own}

    def part(self, text: str) -> dict[str, Any]:
        if self.kind == "message":
            return {"type": "output_text", "text": text, "annotations": [], "logprobs": None}
        return {"type": "reasoning_text", "text": text}


def message(*pieces: str) -> Item:
    return Item("message", pieces)


def thought(*pieces: str) -> Item:
    return Item("reasoning", pieces)


def call(*pieces: str, name: str = "look", call_id: str = "call_1") -> Item:
    return Item("function_call", pieces, name, call_id)


def body(items: Sequence[Item], status: str = "completed") -> dict[str, Any]:
    return {
        "id": "resp_upstream",
        "object": "response",
        "created_at": 1,
        "model": "demo",
        "status": status,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "output": [item.written() for item in items],
        "parallel_tool_calls": True,
        "temperature": 0.7,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "background": False,
        "max_output_tokens": 16,
        "service_tier": "auto",
        "truncation": "disabled",
        "usage": USAGE if status != "in_progress" else None,
    }


def events(items: Sequence[Item], status: str = "completed") -> list[dict[str, Any]]:
    begun = body([], "in_progress")
    listed: list[dict[str, Any]] = [
        {"type": f"response.{name}", "response": begun} for name in ("created", "in_progress")
    ]
    for index, item in enumerate(items):
        listed += _item(item, index)
    listed.append({"type": "response.completed", "response": body(items, status)})
    return [{**event, "sequence_number": number} for number, event in enumerate(listed)]


def _item(item: Item, index: int) -> list[dict[str, Any]]:
    added = {"type": "response.output_item.added", "output_index": index, "item": item.written(begun=True)}
    done = {"type": "response.output_item.done", "output_index": index, "item": item.written()}
    where = {"output_index": index, "item_id": f"{item.kind}_1"}
    if item.kind == "function_call":
        name = "response.function_call_arguments"
        told = [{"type": f"{name}.delta", **where, "delta": piece} for piece in item.pieces]
        end = {"type": f"{name}.done", **where, "arguments": item.text, "name": item.name}
        return [added, *told, end, done]
    _, text, part, field = FORMS[item.kind]
    where |= {"content_index": 0}
    shadows: dict[str, Any] = {"logprobs": []} if item.kind == "message" else {}
    pieces = [{"type": f"{text}.delta", **where, "delta": piece, **shadows} for piece in item.pieces]
    return [
        added,
        {"type": f"{part}.added", **where, "part": item.part("")},
        *pieces,
        {"type": f"{text}.done", **where, field: item.text, **shadows},
        {"type": f"{part}.done", **where, "part": item.part(item.text)},
        done,
    ]


def encoded(listed: Iterable[dict[str, Any]]) -> list[bytes]:
    return [
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode()) for event in listed
    ]


def spoken(*items: Item, status: str = "completed") -> Any:
    """As it is asked for: whole, or streamed."""

    def answers(asked: Asked) -> Script:
        if asked.json.get("stream"):
            return stream(*encoded(events(items, status)))
        return whole(body(items, status))

    return answers
