"""Writes a response: the events of a stream in their order, or the body that the last of them holds.

Rules: one item is open at a time, and one text of it; what is said of another closes them first. A stream
ends with `response.completed` also where the response is incomplete: the official client wants it so. The
body tells nothing of the request but its numbers.
"""

from collections.abc import Sequence

from filters.answer_guard import TextKey
from gateway.errors import ApiError, Json
from gateway.wire.answer import Choice
from gateway.wire.framing import EventFraming
from gateway.wire.keys import call_of
from gateway.wire.request import Request
from gateway.wire.responses.items import ARGUMENTS, BEGINNINGS, FREE, Item, Part, form_of, head_of, number_of
from gateway.wire.usage import DETAILS
from gateway.wire.writer import Frame, streamed
from policy.surface import Channel

REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}
KINDS = {Channel.CONTENT: "message", Channel.REFUSAL: "message", Channel.REASONING: "reasoning"}


class ResponsesWriter:
    def __init__(self, frame: Frame, request: Request) -> None:
        self._frame, self._request = frame, request
        self._items: list[Item] = []
        self._open: Item | None = None
        self._part: Part | None = None
        # Of each call what names it, and the calls that take any text.
        self._heads: dict[int, Json] = {}
        self._free: set[int] = set()
        # What a program reads is told at its end: a half of it beside a refusal is none that clients take.
        self._waiting: dict[TextKey, str] = {}
        self._finish = "stop"

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        begun = self._body("in_progress", None)
        return [{"type": f"response.{name}", "response": begun} for name in ("created", "in_progress")]

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        sent: list[Json] = []
        known = set(self._heads)
        for key, text in texts:
            self._name(key, text)
        for key, text in texts:
            if self._request.machine_read and key.channel is Channel.CONTENT:
                self._waiting[key] = self._waiting.get(key, "") + text
            elif text and not (head_of(key) and call_of(key) in known):
                sent += self._all_waited() if key.channel is Channel.ARGUMENTS else []
                sent += self._said(key, text)
        return sent

    def ended(self, key: TextKey) -> list[Json]:
        sent = self._waited(key)
        return sent + (self._close_part() if self._part is not None and self._part.key == key else [])

    def stopped(self, choice: int) -> None:
        self._waiting.clear()

    def end(self, choice: int, finish: str) -> list[Json]:
        self._finish = finish
        sent = self._all_waited()
        return sent + self._close("incomplete" if finish in REASONS else "completed")

    def last(self, usage: Json | None) -> list[Json]:
        status = "incomplete" if self._finish in REASONS else "completed"
        return [{"type": "response.completed", "response": self._body(status, usage)}]

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json:
        response = streamed(self, choices, usage, wanted=True)[-1]["response"]
        assert isinstance(response, dict)
        return response

    def _said(self, key: TextKey, text: str) -> list[Json]:
        if key.channel is Channel.REFUSAL:
            self._waiting.clear()
        return self._item(key) + ([] if head_of(key) else self._delta(key, text))

    def _waited(self, key: TextKey) -> list[Json]:
        text = self._waiting.pop(key, "")
        return self._said(key, text) if text else []

    def _all_waited(self) -> list[Json]:
        return [event for key in list(self._waiting) for event in self._waited(key)]

    def _name(self, key: TextKey, text: str) -> None:
        """Calls are named before they begin."""
        if head := head_of(key):
            self._heads.setdefault(call_of(key), {}).setdefault(head, text)
        elif form_of(key) is FREE:
            self._free.add(call_of(key))

    def _item(self, key: TextKey) -> list[Json]:
        """The item of a text, begun where it is not open."""
        kind, source = self._kind(key), number_of(key)
        if self._open is not None and (self._open.kind, self._open.source) == (kind, source):
            return []
        closed = self._close("completed")
        index = len(self._items)
        own = f"{BEGINNINGS[kind]}_{self._frame.id.rpartition('_')[2]}_{index}"
        heads = {"call_id": "", "name": ""} | self._heads.get(source, {}) if key.channel not in KINDS else {}
        self._open = Item(kind, source, index, own, heads)
        self._items.append(self._open)
        begun = self._open.written("in_progress", begun=True)
        return [*closed, {"type": "response.output_item.added", "output_index": index, "item": begun}]

    def _kind(self, key: TextKey) -> str:
        calls = "custom_tool_call" if call_of(key) in self._free else "function_call"
        return KINDS.get(key.channel, calls)

    def _delta(self, key: TextKey, text: str) -> list[Json]:
        begun = self._begin_part(key)
        assert self._open is not None
        assert self._part is not None
        self._part.pieces.append(text)
        where = self._open.where | self._part.where | {"delta": text}
        return [*begun, self._of(self._part, "delta") | where | _shadows(self._part)]

    def _begin_part(self, key: TextKey) -> list[Json]:
        if self._part is not None and self._part.key == key:
            return []
        closed = self._close_part()
        assert self._open is not None
        self._part = part = self._open.part(key)
        return closed + self._whole_part(part, "added")

    def _close_part(self) -> list[Json]:
        part, self._part = self._part, None
        if part is None or self._open is None:
            return []
        named = {"name": self._open.heads["name"]} if part.form is ARGUMENTS else {}
        said = self._of(part, "done") | self._open.where | part.where | {part.form.field: part.text} | named
        return [said | _shadows(part), *self._whole_part(part, "done")]

    def _whole_part(self, part: Part, what: str) -> list[Json]:
        assert self._open is not None
        if not part.form.part_event:
            return []
        where = self._open.where | part.where
        return [
            {"type": f"response.{part.form.part_event}.{what}"}
            | where
            | {"part": part.form.written(part.text)}
        ]

    def _close(self, status: str) -> list[Json]:
        sent = self._close_part()
        item, self._open = self._open, None
        if item is None:
            return sent
        done: Json = {"type": "response.output_item.done", "output_index": item.index}
        return [*sent, done | {"item": item.written(status)}]

    def _of(self, part: Part, what: str) -> Json:
        return {"type": f"response.{part.form.event}.{what}"}

    def _body(self, status: str, usage: Json | None) -> Json:
        reason = REASONS.get(self._finish) if status == "incomplete" else None
        last = len(self._items) - 1
        output = [item.written(status if item.index == last else "completed") for item in self._items]
        return {
            "id": self._frame.id,
            "object": "response",
            "created_at": self._frame.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "instructions": None,
            "max_output_tokens": None,
            "metadata": {},
            "model": self._frame.model,
            "output": output,
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
            "usage": _usage(usage) if usage is not None else None,
        } | self._request.repeated


def _shadows(part: Part) -> Json:
    """Clients look for it, and it is always empty."""
    return {"logprobs": []} if part.form.part == "output_text" else {}


def _usage(usage: Json) -> Json:
    details = usage.get(DETAILS)
    return {
        "input_tokens": usage.get("prompt_tokens", 0),
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage.get("completion_tokens", 0),
        "output_tokens_details": details if details is not None else {"reasoning_tokens": 0},
        "total_tokens": usage.get("total_tokens", 0),
    }


class ResponsesFraming(EventFraming):
    """Numbered events. An error ends a stream as the official client wants to be told one."""

    def __init__(self) -> None:
        super().__init__(numbered=True)

    def joined(self, first: Json, second: Json) -> Json | None:
        one, other = first.get("delta"), second.get("delta")
        if not isinstance(one, str) or not isinstance(other, str) or first | {"delta": other} != second:
            return None
        return first | {"delta": one + other}

    def cut(self, error: ApiError) -> bytes:
        told = {"code": error.code, "message": error.message, "param": error.param}
        return self.events([{"type": "error", **told, **self.error(error)}])
