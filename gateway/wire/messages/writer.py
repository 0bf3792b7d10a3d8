"""Writes a message: the events of a stream in their order, or the body that clients make of them.

Rules: one block is open at a time; prose of another kind closes it. What a program reads, a call or the
content where a form was asked for, is told whole: of a piece of a call the official client makes a call.
Calls stand last, as models write them: what is held of a text does not come after a call that it came before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Choice
from gateway.wire.keys import ID, NAME, call_of, said_of
from gateway.wire.request import Request
from gateway.wire.writer import Frame, streamed
from policy.surface import Channel

REASONS = {
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
HEADS = {ID: "id", NAME: "name"}


@dataclass(slots=True)
class Call:
    """What came of one so far."""

    heads: Json = field(default_factory=lambda: {"id": "", "name": ""})
    pieces: list[str] = field(default_factory=list)


class MessagesWriter:
    def __init__(self, frame: Frame, request: Request) -> None:
        self._frame, self._machine_read = frame, request.machine_read
        self._open: Channel | None = None
        self._index = -1
        self._waiting: list[str] = []
        self._calls: dict[int, Call] = {}
        self._refusal = ""
        self._finish, self._counted = "stop", 0

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        counted = (usage or {}).get("prompt_tokens")
        self._counted = counted if isinstance(counted, int) else 0
        return [{"type": "message_start", "message": self._body([]) | _end(None) | self._usage({})}]

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        sent: list[Json] = []
        for key, text in texts:
            if text:
                sent += self._piece(key, text)
        return sent

    def ended(self, key: TextKey) -> list[Json]:
        return []

    def stopped(self, choice: int) -> None:
        self._waiting.clear()
        self._calls.clear()

    def end(self, choice: int, finish: str) -> list[Json]:
        self._finish = finish
        # Half of a form is none that clients take.
        text = "" if self._refused else "".join(self._waiting)
        sent = self._prose(Channel.CONTENT, text) if text else []
        return sent + self._close() + self._told()

    def last(self, usage: Json | None) -> list[Json]:
        told: Json = {"type": "message_delta", "delta": self._ending()}
        return [told | self._usage(usage or {}), {"type": "message_stop"}]

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json:
        events = streamed(self, choices, usage, wanted=True)
        content = _blocks(events)
        if not content and not self._refused:
            content.append(_empty(Channel.CONTENT))
        return self._body(content) | self._ending() | self._usage(usage or {})

    @property
    def _refused(self) -> bool:
        return bool(self._refusal) or self._finish == "content_filter"

    def _piece(self, key: TextKey, text: str) -> list[Json]:
        match key.channel:
            case Channel.ARGUMENTS:
                call, head = self._calls.setdefault(call_of(key), Call()), said_of(key)
                if head in HEADS:
                    call.heads[HEADS[head]] = text
                else:
                    call.pieces.append(text)
            case Channel.REFUSAL:
                self._refusal += text
            case Channel.CONTENT if self._machine_read:
                self._waiting.append(text)
            case _:
                return self._prose(key.channel, text)
        return []

    def _prose(self, channel: Channel, text: str) -> list[Json]:
        begun: list[Json] = []
        if self._open is not channel:
            begun = self._close() + self._begun(_empty(channel))
            self._open = channel
        delta = {"type": "text_delta", "text": text}
        if channel is Channel.REASONING:
            delta = {"type": "thinking_delta", "thinking": text}
        return [*begun, self._of("delta") | {"delta": delta}]

    def _told(self) -> list[Json]:
        """The calls, which have waited."""
        sent: list[Json] = []
        for call in self._calls.values():
            sent += self._begun({"type": "tool_use", **call.heads, "input": {}})
            said = {"type": "input_json_delta", "partial_json": "".join(call.pieces)}
            sent += [self._of("delta") | {"delta": said}, self._of("stop")]
        return sent

    def _begun(self, block: Json) -> list[Json]:
        self._index += 1
        return [self._of("start") | {"content_block": block}]

    def _close(self) -> list[Json]:
        closed = [self._of("stop")] if self._open is not None else []
        self._open = None
        return closed

    def _of(self, what: str) -> Json:
        return {"type": f"content_block_{what}", "index": self._index}

    def _ending(self) -> Json:
        if self._refused:
            details = {"type": "refusal", "category": None, "explanation": self._refusal or None}
            return _end("refusal") | {"stop_details": details}
        return _end(REASONS.get(self._finish, "end_turn"))

    def _usage(self, usage: Json) -> Json:
        """What was counted at the beginning stays, so that the end does not tell what was withheld."""
        prompt, said = self._counted or usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        return {"usage": {"input_tokens": prompt, "output_tokens": said}}

    def _body(self, content: list[Json]) -> Json:
        frame = self._frame
        body: Json = {"id": frame.id, "type": "message", "role": "assistant", "model": frame.model}
        return body | {"content": content}


def _end(reason: str | None) -> Json:
    """Which stop sequence it was is not told: it could be the next word of what was withheld."""
    return {"stop_reason": reason, "stop_sequence": None}


def _empty(channel: Channel) -> Json:
    if channel is Channel.REASONING:
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "text", "text": ""}


def _blocks(events: Iterable[Json]) -> list[Json]:
    """What clients make of the events, where each text came in one piece."""
    blocks: list[Json] = []
    for event in events:
        match event:
            case {"content_block": dict(block)}:
                blocks.append(block)
            case {"delta": {"partial_json": str(said)}}:
                blocks[-1]["input"] = orjson.loads(said or "{}")
            case {"delta": {"text": str(said)}}:
                blocks[-1]["text"] = f"{blocks[-1]['text']}{said}"
            case {"delta": {"thinking": str(said)}}:
                blocks[-1]["thinking"] = f"{blocks[-1]['thinking']}{said}"
    return blocks
