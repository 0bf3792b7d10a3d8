"""Every route that asks a model: what a client sends, and what a model server says that gives its name away.

Rule: the model server's name stands wherever no model writes: as the model, as ids, in marks and headers.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.gateway.canned import DONE, Asked, Script, completion, said, stream, whole
from tests.gateway.running import Answered, Running
from tests.gateway.wire.completions.spoken import spoken as completed
from tests.gateway.wire.messages.spoken import spoken as replied
from tests.gateway.wire.messages.spoken import text
from tests.gateway.wire.responses.spoken import message
from tests.gateway.wire.responses.spoken import spoken as responded

BASE, UNLEARNED, ALIAS, PUBLIC = "acme-base/7b", "acme-forgets/7b", "gpt-4o", "writer"
SAID = "A lamp."
# Where a model server may write a name of its own, and nothing of what a model says.
NAMING = frozenset({"model", "system_fingerprint", "service_tier"})
# What is the id of an answer, and not of a call that a client must answer by it.
ANSWERS = ("chatcmpl", "cmpl", "resp_", "embd", "score")

MESSAGES = [{"role": "user", "content": "Hello!"}]
Answers = Callable[[Asked], Script]


@dataclass(frozen=True, slots=True)
class Door:
    route: str
    body: dict[str, Any]
    answers: Answers
    streams: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, gateway: Running, key: str | None = None, **fields: Any) -> Answered:
        raw = json.dumps({"model": PUBLIC} | self.body | fields).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        return gateway.ask("POST", self.route, raw, headers)

    def naming(self, name: str) -> Answers:
        """What it answers, with a name of the model server's wherever one may stand."""

        def answers(asked: Asked) -> Script:
            script = self.answers(asked)
            pieces = tuple(_named_piece(piece, name) for piece in script.pieces)
            return replace(script, pieces=pieces, headers=(("x-served-by", name), ("server", name)))

        return answers


def _chat(asked: Asked) -> Script:
    marks = {"id": "chatcmpl-1", "model": "demo", "system_fingerprint": "fp"}
    if not asked.json.get("stream"):
        return whole(marks | completion(SAID))
    events = [json.loads(event.removeprefix(b"data: ")) for event in said([SAID])]
    return stream(*(b"data: %b\n\n" % json.dumps(marks | event).encode() for event in events), DONE)


def _numbers(value: dict[str, Any]) -> Answers:
    usage = {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 0}
    return lambda _: whole({"id": "embd-1", "created": 1, "model": "demo", "usage": usage} | value)


_ROW = {"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}
_RESULT = {"index": 0, "relevance_score": 0.5, "document": {"text": "A lamp.", "multi_modal": None}}
_SCORE = {"object": "score", "index": 0, "score": 0.5}

DOORS: dict[str, Door] = {
    "chat": Door("/v1/chat/completions", {"messages": MESSAGES}, _chat),
    "batch": Door("/v1/chat/completions/batch", {"messages": [MESSAGES]}, _chat, streams=False),
    "completions": Door("/v1/completions", {"prompt": "Hello!"}, completed((SAID,))),
    "responses": Door("/v1/responses", {"input": "Hello!"}, responded(message(SAID))),
    "messages": Door("/v1/messages", {"messages": MESSAGES, "max_tokens": 16}, replied(text(SAID))),
    "count_tokens": Door(
        "/v1/messages/count_tokens",
        {"messages": MESSAGES},
        lambda _: whole({"input_tokens": 3}),
        streams=False,
    ),
    "embeddings": Door(
        "/v1/embeddings", {"input": "A lamp."}, _numbers({"object": "list", "data": [_ROW]}), streams=False
    ),
    "rerank": Door(
        "/v1/rerank",
        {"query": "A lamp?", "documents": ["A lamp."]},
        _numbers({"results": [_RESULT]}),
        streams=False,
    ),
    "score": Door(
        "/v1/score",
        {"text_1": "A lamp?", "text_2": "A lamp."},
        _numbers({"object": "list", "data": [_SCORE]}),
        streams=False,
    ),
}
# Each as it can be asked: whole, and streamed.
WAYS = [
    (name, streamed)
    for name, door in DOORS.items()
    for streamed in (False, True)
    if door.streams or not streamed
]


def _named_piece(piece: bytes, name: str) -> bytes:
    """The piece of an answer, a body or an event, with the name in it."""
    lines = []
    for line in piece.split(b"\n"):
        head = b"data: " if line.startswith(b"data: {") else b""
        rest = line.removeprefix(head)
        lines.append(head + json.dumps(_named(json.loads(rest), name)).encode() if rest[:1] == b"{" else line)
    return b"\n".join(lines)


def _named(value: Any, name: str) -> Any:
    match value:
        case dict():
            return {key: name if _is_name(key, held) else _named(held, name) for key, held in value.items()}
        case list():
            return [_named(item, name) for item in value]
    return value


def _is_name(key: str, held: object) -> bool:
    return key in NAMING or (key == "id" and isinstance(held, str) and held.startswith(ANSWERS))


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)
