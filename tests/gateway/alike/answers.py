"""A model server whose answers come of what it is asked, and of nothing else, in the shape of vLLM's.

Rule: two requests have the same answer if the contract lets the same of them through.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any

import numpy as np

from gateway.wire.measure import Measure
from gateway.wire.measures import api, measures
from gateway.wire.wires import wires
from tests.gateway.alike.chat import chat_body, chat_events, finish
from tests.gateway.alike.let_through import going_on
from tests.gateway.alike.said import Said, said_by
from tests.gateway.canned import DONE, Asked, Script, stream, whole
from tests.gateway.wire.completions import spoken as completions
from tests.gateway.wire.messages import spoken as messages
from tests.gateway.wire.responses import spoken as responses

STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
NUMBERS = {"id": "embd-upstream", "object": "list", "created": 1, "model": "demo"}
USAGE = {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 0, "prompt_tokens_details": None}


def name_of(path: str) -> str:
    """The API that is asked at this path of the model server."""
    return next(name for name in (*wires(), *measures()) if f"/v1/{api(name).path}" == path)


def route_of(name: str) -> str:
    """Where clients of this API ask."""
    own = api(name)
    return own.routes[0] if isinstance(own, Measure) else own.route


def let_through(name: str, body: Any) -> Any:
    """What the model server gets of a request."""
    return _conversations(body) if name == "batch" else going_on(api(name).contract, body)


def answered(asked: Asked) -> Script:
    name = name_of(asked.path)
    let = let_through(name, asked.json)
    return ANSWERS[name](let, Random(sha256(_written([name, let])).digest()))


def _written(value: Any) -> bytes:
    """1 and 1.0 are the same number."""
    said = json.loads(json.dumps(value), parse_int=float)
    return json.dumps(said, sort_keys=True).encode()


def _conversations(body: Any) -> Any:
    contract = api("batch").contract
    one = {name: held for name, held in body.items() if name != "messages"}
    each = [going_on(contract, one | {"messages": said})["messages"] for said in body["messages"]]
    return going_on(contract, one) | {"messages": each}


def _chat(body: Any, rng: Random) -> Script:
    said = _said(rng, body.get("n") or 1)
    if not body.get("stream"):
        return whole(chat_body(said))
    options = body.get("stream_options") or {}
    return stream(*chat_events(said, bool(options.get("include_usage")), rng))


def _batch(body: Any, rng: Random) -> Script:
    return whole(chat_body(_said(rng, len(body["messages"]))))


def _said(rng: Random, choices: int) -> list[Said]:
    return [said_by(rng) for _ in range(choices)]


def _completion(body: Any, rng: Random) -> Script:
    prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
    each = body.get("n") or 1
    said = [said_by(rng, calls=False) for _ in range(len(prompts) * each)]
    texts = [
        (prompts[index // each] if body.get("echo") else "", *one.text) for index, one in enumerate(said)
    ]
    if body.get("stream"):
        listed = completions.told(*texts, finish=finish(said[0]))
        wanted = (body.get("stream_options") or {}).get("include_usage")
        return stream(*(listed if wanted else [*listed[:-2], DONE]))
    choices = [completions.choice("".join(text), index, finish(said[0])) for index, text in enumerate(texts)]
    return whole(completions.body(choices, usage=completions.USAGE))


def _response(body: Any, rng: Random) -> Script:
    said = said_by(rng)
    items = [responses.thought(*said.thought)] if said.thought else []
    items += [responses.message(*said.text)] if said.text else []
    items += [responses.call(*each.pieces, name=each.name, call_id=each.id) for each in said.calls]
    status = "incomplete" if said.cut else "completed"
    if body.get("stream"):
        return stream(*responses.encoded(responses.events(items, status)))
    return whole(responses.body(items, status))


def _message(body: Any, rng: Random) -> Script:
    said = said_by(rng)
    blocks = [messages.thought(*said.thought)] if said.thought else []
    blocks += [messages.text(*said.text)] if said.text else []
    blocks += [messages.call(*each.pieces, name=each.name, id=each.id) for each in said.calls]
    stop = STOPS[finish(said)]
    if body.get("stream"):
        return stream(*messages.encoded(messages.events(blocks, stop)))
    return whole(messages.body(blocks, stop))


def _count(_: Any, rng: Random) -> Script:
    return whole({"input_tokens": rng.randint(1, 999), "context_management": {"original_input_tokens": 7}})


def _embeddings(body: Any, rng: Random) -> Script:
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vectors = [[rng.uniform(-1, 1) for _ in range(4)] for _ in texts]
    written = _bytes if body.get("encoding_format") == "base64" else list
    rows = [
        {"object": "embedding", "index": index, "embedding": written(vector)}
        for index, vector in enumerate(vectors)
    ]
    return whole({**NUMBERS, "data": rows, "usage": USAGE})


def _bytes(vector: list[float]) -> str:
    return b64encode(np.array(vector, "<f4").tobytes()).decode()


def _rerank(body: Any, rng: Random) -> Script:
    texts = body["documents"] if isinstance(body["documents"], list) else [body["documents"]]
    near = sorted(((rng.random(), index) for index in range(len(texts))), reverse=True)
    rows = [
        {"index": index, "relevance_score": score, "document": {"text": texts[index], "multi_modal": None}}
        for score, index in near[: body.get("top_n") or None]
    ]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return whole({"id": "rerank-upstream", "model": "demo", "results": rows, "usage": usage})


def _score(body: Any, rng: Random) -> Script:
    asked = [held for name, held in body.items() if name in PAIRED]
    pairs = max(len(each) if isinstance(each, list) else 1 for each in asked)
    rows = [{"index": index, "object": "score", "score": rng.random()} for index in range(pairs)]
    return whole({**NUMBERS, "data": rows, "usage": USAGE})


PAIRED = frozenset({"text_1", "queries", "data_1", "text_2", "documents", "items", "data_2"})
ANSWERS: dict[str, Callable[[Any, Random], Script]] = {
    "chat": _chat,
    "batch": _batch,
    "completions": _completion,
    "responses": _response,
    "messages": _message,
    "count_tokens": _count,
    "embeddings": _embeddings,
    "rerank": _rerank,
    "score": _score,
}
