"""Some of all that the made-up model server says, to be held against the models of a real one."""

import json
from collections.abc import Iterator
from typing import Any

from tests.gateway.alike.answers import answered
from tests.gateway.alike.told import events
from tests.gateway.canned import Asked

MESSAGES = [{"role": "user", "content": "A lamp?"}]
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("chat/completions", {"messages": MESSAGES, "stream_options": {"include_usage": True}}),
    "completions": ("completions", {"prompt": "A lamp?"}),
    "responses": ("responses", {"input": "A lamp?"}),
    "messages": ("messages", {"messages": MESSAGES, "max_tokens": 16}),
    "count_tokens": ("messages/count_tokens", {"messages": MESSAGES}),
    "embeddings": ("embeddings", {"input": ["A lamp?", "A tower?"]}),
    "rerank": ("rerank", {"query": "A lamp?", "documents": ["A lamp.", "A tower."]}),
    "score": ("score", {"text_1": "A lamp?", "text_2": ["A lamp.", "A tower."]}),
}
SEEDS = range(12)


def made_up(name: str, streamed: bool) -> Iterator[Any]:
    """The bodies, or the events, of some answers."""
    path, body = ASKED[name]
    for seed in SEEDS:
        stream = {"stream": True} if streamed else {}
        seeded = {"temperature": seed} if name in ("chat", "completions", "responses", "messages") else {}
        raw = json.dumps(body | stream | seeded).encode()
        told = b"".join(answered(Asked(f"/v1/{path}", {}, raw)).pieces)
        yield from events(told) if streamed else [json.loads(told)]
