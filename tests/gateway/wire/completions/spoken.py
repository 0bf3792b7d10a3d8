"""Answers of a model server that completes texts: the events and the bodies that vLLM writes."""

import json
from collections.abc import Callable
from typing import Any

from tests.gateway.canned import DONE, Asked, Script, stream, whole

USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12, "prompt_tokens_details": None}
SHADOWS = {"logprobs": {"tokens": ["lamp"]}, "stop_reason": None, "token_ids": [1], "prompt_token_ids": [2]}


def body(choices: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    named = {"id": "cmpl-upstream", "object": "text_completion", "created": 1, "model": "demo"}
    return {**named, "choices": choices, **rest}


def choice(text: str, index: int = 0, finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "text": text, "finish_reason": finish, **SHADOWS}


def event(*choices: dict[str, Any], **rest: Any) -> bytes:
    return b"data: " + json.dumps(body(list(choices), **rest), ensure_ascii=False).encode() + b"\n\n"


def told(*texts: tuple[str, ...], finish: str = "length") -> list[bytes]:
    """The events of all choices, each in its pieces, one choice after the other."""
    listed = [event(choice(piece, index)) for index, pieces in enumerate(texts) for piece in pieces]
    listed += [event(choice("", index, finish)) for index in range(len(texts))]
    return [*listed, event(usage=USAGE), DONE]


def spoken(*texts: tuple[str, ...], finish: str = "length") -> Callable[[Asked], Script]:
    """As it is asked for: whole, or streamed; with the prompt in front where that is wanted."""

    def answers(asked: Asked) -> Script:
        prompts = asked.json["prompt"]
        prompts = [prompts] if isinstance(prompts, str) else prompts
        each = len(texts) // len(prompts)
        before = [prompts[index // each] if asked.json.get("echo") else "" for index in range(len(texts))]
        said = [(front + first, *rest) for front, (first, *rest) in zip(before, texts, strict=True)]
        if asked.json.get("stream"):
            return stream(*told(*said, finish=finish))
        choices = [choice("".join(pieces), index, finish) for index, pieces in enumerate(said)]
        return whole(body(choices, usage=USAGE))

    return answers
