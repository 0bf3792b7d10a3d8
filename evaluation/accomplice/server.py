"""The accomplice as a server of chats: whole or token by token, several choices, cut where asked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from evaluation.accomplice.answering import Accomplice, Answer
from evaluation.person import Person

MODEL: Final = "demo"
_TOKENS: Final = re.compile(r"\s?\w{1,4}|\s?[^\w\s]|\s", re.DOTALL)
_HEAD: Final = {"id": "chatcmpl-1", "created": 1, "model": MODEL}
_MOST: Final = 128
Ended = tuple[Answer, str]


def application(people: Sequence[Person], *, recalls: bool = False) -> Starlette:
    accomplice = Accomplice.knowing(people, recalls)

    async def chat(request: Request) -> Response:
        body = read(await request.body())
        if body.get("stream"):
            return StreamingResponse(stream(accomplice, body), media_type="text/event-stream")
        return JSONResponse(whole(accomplice, body))

    async def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/models", models),
        ]
    )


def read(body: bytes | str) -> dict[str, Any]:
    """A request as one reads it who overlooks nothing: of members that stand there twice lists are one."""
    found: dict[str, Any] = json.loads(body, object_pairs_hook=_joined)
    return found


def _joined(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        before = found.get(name)
        found[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return found


def whole(accomplice: Accomplice, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in one piece."""
    choices = [
        {"index": at, "message": _message(answer), "finish_reason": finish} | _scored(answer, body)
        for at, (answer, finish) in enumerate(_choices(accomplice, body))
    ]
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {**_HEAD, "object": "chat.completion", "choices": choices, "usage": usage}


def stream(accomplice: Accomplice, body: Mapping[str, Any]) -> Iterator[bytes]:
    """The answer in events, one token each."""
    for at, (answer, finish) in enumerate(_choices(accomplice, body)):
        for delta in _deltas(answer):
            yield _event(at, delta, None)
        yield _event(at, {}, finish)
    yield b"data: [DONE]\n\n"


def _choices(accomplice: Accomplice, body: Mapping[str, Any]) -> list[Ended]:
    asked = min(int(body.get("n") or 1), _MOST)
    return [_ended(accomplice.answer(body, draw), body) for draw in range(asked)]


def tokens(text: str) -> list[str]:
    """Pieces of words, as an engine would stream them."""
    return _TOKENS.findall(text)


def _ended(answer: Answer, body: Mapping[str, Any]) -> Ended:
    """The answer up to the longest length or the first stop string, and why it ended."""
    if answer.call:
        return answer, "tool_calls"
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    pieces = tokens(answer.content)
    content = "".join(pieces[:limit])
    stops = [content.find(one) for one in _stops(body) if one in content]
    if stops:
        return Answer(content[: min(stops)], answer.reasoning), "stop"
    return Answer(content, answer.reasoning), "length" if limit and len(pieces) > limit else "stop"


def _stops(body: Mapping[str, Any]) -> Sequence[str]:
    stop = body.get("stop") or []
    return [stop] if isinstance(stop, str) else stop


def _message(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.content}
    if answer.reasoning:
        message["reasoning"] = answer.reasoning
    if answer.call:
        message |= {"content": None, "tool_calls": [_call(answer, answer.arguments)]}
    return message


def _call(answer: Answer, arguments: str) -> dict[str, Any]:
    function = {"name": answer.call, "arguments": arguments}
    return {"index": 0, "id": "call-1", "type": "function", "function": function}


def _scored(answer: Answer, body: Mapping[str, Any]) -> dict[str, Any]:
    if not body.get("logprobs"):
        return {}
    return {"logprobs": {"content": [{"token": one, "logprob": -0.1} for one in tokens(answer.content)]}}


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for piece in tokens(answer.reasoning):
        yield {"reasoning": piece}
    for piece in tokens(answer.content):
        yield {"content": piece}
    if answer.call:
        yield {"tool_calls": [_call(answer, "")]}
    for piece in tokens(answer.arguments):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _event(at: int, delta: Mapping[str, Any], finish: str | None) -> bytes:
    choice = {"index": at, "delta": delta, "finish_reason": finish}
    body = {**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"
