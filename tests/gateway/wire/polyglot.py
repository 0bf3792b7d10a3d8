"""A model server that speaks every API: a short clean answer, in the form in which it was asked for."""

from collections.abc import Callable
from typing import Any

from tests.gateway.canned import DONE, Asked, Script, said, stream, whole
from tests.gateway.wire.completions import spoken as completions
from tests.gateway.wire.messages import spoken as messages
from tests.gateway.wire.responses import spoken as responses

TEXT = "The lamp turns."


def answers(asked: Asked) -> Script:
    return SPOKEN[asked.path](asked)


def _choices(asked: Asked) -> int:
    return asked.json.get("n") or 1


def _chat(asked: Asked) -> Script:
    if asked.json.get("stream"):
        events = [event for choice in range(_choices(asked)) for event in said([TEXT], choice=choice)]
        return stream(*events, DONE)
    return whole({"choices": [_message(choice) for choice in range(_choices(asked))]})


def _batch(asked: Asked) -> Script:
    return whole({"choices": [_message(choice) for choice in range(len(asked.json["messages"]))]})


def _message(choice: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": TEXT}
    return {"index": choice, "message": message, "finish_reason": "stop"}


def _completions(asked: Asked) -> Script:
    prompt = asked.json["prompt"]
    prompts = len(prompt) if isinstance(prompt, list) else 1
    return completions.spoken(*[(TEXT,)] * (prompts * _choices(asked)))(asked)


def _rows(asked: Asked, *names: str) -> int:
    held = [asked.json[name] for name in names if name in asked.json]
    return max((len(one) if isinstance(one, list) else 1) for one in held)


def _embeddings(asked: Asked) -> Script:
    rows = [{"index": row, "embedding": [0.5]} for row in range(_rows(asked, "input"))]
    return whole({"data": rows})


def _rerank(asked: Asked) -> Script:
    rows = [{"index": row, "relevance_score": 0.5} for row in range(_rows(asked, "documents"))]
    return whole({"results": rows})


def _score(asked: Asked) -> Script:
    return whole({"data": [{"index": 0, "score": 0.5}]})


SPOKEN: dict[str, Callable[[Asked], Script]] = {
    "/v1/chat/completions": _chat,
    "/v1/chat/completions/batch": _batch,
    "/v1/completions": _completions,
    "/v1/responses": responses.spoken(responses.message(TEXT)),
    "/v1/messages": messages.spoken(messages.text(TEXT)),
    "/v1/messages/count_tokens": lambda _: whole({"input_tokens": 7}),
    "/v1/embeddings": _embeddings,
    "/v1/rerank": _rerank,
    "/v1/score": _score,
}
