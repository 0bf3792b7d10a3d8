"""What a made-up model says, as vLLM writes it in chat completions: a body, or events."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.gateway.alike.said import Call, Said
from tests.gateway.canned import DONE

USAGE = {"prompt_tokens": 7, "total_tokens": 12, "completion_tokens": 5}
NAMED = {"id": "chatcmpl-upstream", "created": 1, "model": "demo"}
ENGINE = {"service_tier": None, "system_fingerprint": "vllm-1", "prompt_logprobs": None, "metrics": None}
LOGPROBS = {"content": [{"token": "lamp", "logprob": -0.5, "bytes": [1], "top_logprobs": []}]}


def finish(said: Said) -> str:
    return "tool_calls" if said.calls else "length" if said.cut else "stop"


def chat_body(choices: Sequence[Said]) -> dict[str, Any]:
    listed = [_choice(index, said) for index, said in enumerate(choices)]
    details = {"prompt_tokens_details": None, "completion_tokens_details": {"reasoning_tokens": 2}}
    return {**NAMED, "object": "chat.completion", "choices": listed, **ENGINE, "usage": USAGE | details}


def _choice(index: int, said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(said.text) if said.text else None,
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
        "reasoning": "".join(said.thought) or None,
    }
    calls = [{"id": each.id, "type": "function", "function": _function(each)} for each in said.calls]
    shadows = {"logprobs": LOGPROBS, "stop_reason": "lamp", "token_ids": [1], "routed_experts": None}
    message |= {"tool_calls": calls} if calls else {}
    return {"index": index, "message": message, "finish_reason": finish(said), **shadows}


def _function(call: Call) -> dict[str, str]:
    return {"name": call.name, "arguments": "".join(call.pieces)}


def chat_events(choices: Sequence[Said], usage: bool, rng: Random) -> list[bytes]:
    """The choices' events in any order, each choice's in its own."""
    waiting = [iter(list(_deltas(said))) for said in choices]
    listed = [_event(index, {"role": "assistant", "content": ""}) for index in range(len(choices))]
    open_ones = dict(enumerate(waiting))
    while open_ones:
        index = rng.choice(list(open_ones))
        delta = next(open_ones[index], None)
        if delta is None:
            del open_ones[index]
            end: dict[str, Any] = {"finish_reason": finish(choices[index]), "stop_reason": None}
            listed.append(_event(index, rng.choice(({}, {"content": ""})), **end))
        else:
            listed.append(_event(index, delta, logprobs=rng.choice((None, LOGPROBS))))
    told = [_written({"choices": [], "usage": USAGE, "system_fingerprint": "vllm-1"})] if usage else []
    return [*listed, *told, DONE]


def _deltas(said: Said) -> Iterator[dict[str, Any]]:
    yield from ({"reasoning": piece} for piece in said.thought)
    yield from ({"content": piece} for piece in said.text)
    for index, call in enumerate(said.calls):
        head = {"id": call.id, "type": "function", "index": index, "function": {"name": call.name}}
        yield {"content": None, "tool_calls": [head]}
        pieces = ({"index": index, "function": {"arguments": piece}} for piece in call.pieces)
        yield from ({"content": None, "tool_calls": [piece]} for piece in pieces)


def _event(index: int, delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None, "token_ids": None}
    return _written({"choices": [choice | more]})


def _written(event: dict[str, Any]) -> bytes:
    told = NAMED | {"object": "chat.completion.chunk"} | event
    return b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"
