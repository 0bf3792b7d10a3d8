"""Every way in which a client can ask something: each API, whole and streamed where it streams.

Rule: a way stands for its API by the path and the body alone; the test that uses it names no API.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.gateway.canned import DONE, Asked, Script, completion, said, stream, whole
from tests.gateway.running import Answered, Running
from tests.gateway.wire.completions import spoken as completions
from tests.gateway.wire.messages import spoken as messages
from tests.gateway.wire.responses import spoken as responses

Json = dict[str, Any]
# How the client names its requests and answers, and when they were made.
NAMED = re.compile(rb"[0-9a-f]{24,}")
MADE = re.compile(rb'"created(_at)?":[0-9]+')
NAMELESS = {"date", "x-request-id"}
CUT = 7


@dataclass(frozen=True, slots=True)
class Told:
    """What the model server says, why it ends, and how many tokens it counts of the answer and before it."""

    text: str
    finish: str
    counted: int
    before: int

    @property
    def pieces(self) -> list[str]:
        return [self.text[at : at + CUT] for at in range(0, len(self.text), CUT)]

    @property
    def usage(self) -> Json:
        both = self.before + self.counted
        return {"prompt_tokens": self.before, "completion_tokens": self.counted, "total_tokens": both}


@dataclass(frozen=True, slots=True)
class Way:
    """`asks` makes the body that holds a text. `says` makes the model server's answer, whole or streamed;
    there is none where nobody speaks.
    """

    name: str
    path: str
    asks: Callable[[str], Json]
    says: Callable[[Told, bool], Script] | None = None
    streamed: bool = False

    def ask(self, gateway: Running, text: str) -> Answered:
        body = {"model": "demo", **self.asks(text)} | ({"stream": True} if self.streamed else {})
        return gateway.ask("POST", self.path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def answers(
        self, text: str, finish: str = "stop", counted: int = 5, before: int = 9
    ) -> Callable[[Asked], Script]:
        assert self.says is not None
        script = self.says(Told(text, finish, counted, before), self.streamed)
        return lambda _: script


def seen(answered: Answered) -> tuple[int, dict[str, str], bytes]:
    """All that a client sees, byte for byte, but for names and times."""
    headers = {name: value for name, value in answered.headers.items() if name not in NAMELESS}
    body = MADE.sub(b'"created":0', NAMED.sub(b"name", answered.body))
    return answered.status, headers, body


def _turn(text: str) -> list[Json]:
    return [{"role": "user", "content": text}]


def _chat(told: Told, streamed: bool) -> Script:
    if not streamed:
        body = completion(told.text) | {"usage": told.usage}
        body["choices"][0]["finish_reason"] = told.finish
        return whole(body)
    last = b"data: " + json.dumps({"choices": [], "usage": told.usage}).encode() + b"\n\n"
    return stream(*said(told.pieces, told.finish), last, DONE)


def _completion(told: Told, streamed: bool) -> Script:
    if not streamed:
        choices = [completions.choice(told.text, 0, told.finish)]
        return whole(completions.body(choices, usage=told.usage))
    events = [completions.event(completions.choice(piece)) for piece in told.pieces]
    events.append(completions.event(completions.choice("", 0, told.finish)))
    return stream(*events, completions.event(usage=told.usage), DONE)


def _response(told: Told, streamed: bool) -> Script:
    items = [responses.message(*told.pieces)]
    status = "completed" if told.finish == "stop" else "incomplete"
    counts = {"input_tokens": told.before, "output_tokens": told.counted}
    usage = responses.USAGE | counts | {"total_tokens": sum(counts.values())}
    if not streamed:
        return whole(responses.body(items, status) | {"usage": usage})
    events = responses.events(items, status)
    events[-1]["response"]["usage"] = usage
    return stream(*responses.encoded(events))


def _message(told: Told, streamed: bool) -> Script:
    blocks = [messages.text(*told.pieces)]
    stop = "end_turn" if told.finish == "stop" else "max_tokens"
    usage = {"input_tokens": told.before, "output_tokens": told.counted}
    if not streamed:
        return whole(messages.body(blocks, stop) | {"usage": usage})
    events = messages.events(blocks, stop)
    for event in events:
        if event["type"] == "message_start":
            event["message"]["usage"] = usage
        if event["type"] == "message_delta":
            event["usage"] = usage
    return stream(*messages.encoded(events))


SPEAKING = (
    *(
        Way(f"{name}-{'streamed' if streamed else 'whole'}", path, asks, says, streamed)
        for name, path, asks, says in (
            ("chat", "/v1/chat/completions", lambda text: {"messages": _turn(text)}, _chat),
            ("completions", "/v1/completions", lambda text: {"prompt": text}, _completion),
            ("responses", "/v1/responses", lambda text: {"input": text}, _response),
            ("messages", "/v1/messages", lambda text: {"messages": _turn(text), "max_tokens": 9}, _message),
        )
        for streamed in (False, True)
    ),
    Way("batch", "/v1/chat/completions/batch", lambda text: {"messages": [_turn(text)]}, _chat),
)

COUNTING = (
    Way("count_tokens", "/v1/messages/count_tokens", lambda text: {"messages": _turn(text)}),
    Way("embeddings", "/v1/embeddings", lambda text: {"input": text}),
    Way("rerank", "/v1/rerank", lambda text: {"query": "A lamp?", "documents": [text]}),
    Way("score", "/v1/score", lambda text: {"text_1": "A lamp?", "text_2": [text]}),
)
TELLING = (
    Way("checks", "/v1/checks", lambda text: {"messages": _turn(text)}),
    Way(
        "litellm",
        "/beta/litellm_basic_guardrail_api",
        lambda text: {
            "litellm_call_id": None,
            "litellm_trace_id": None,
            "request_data": {},
            "input_type": "request",
            "texts": [text],
            "structured_messages": _turn(text),
        },
    ),
)
WAYS = (*SPEAKING, *COUNTING, *TELLING)
