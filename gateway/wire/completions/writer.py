"""Writes a text completion: events of a stream, or one body.

Rule: one choice has one text, so what else is said to its reader (a refusal) stands in it, too.
"""

from collections.abc import Sequence

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Choice
from gateway.wire.framing import DataFraming
from gateway.wire.request import Request
from gateway.wire.writer import Frame
from policy.surface import Channel

SPOKEN = frozenset({Channel.CONTENT, Channel.REFUSAL})
# The closed list of reasons to end that this API has.
FINISHES = frozenset({"stop", "length", "content_filter"})


class CompletionWriter:
    def __init__(self, frame: Frame, _: Request | None = None) -> None:
        self._frame = frame

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        return []

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        text = _text(texts)
        return [self._of([_choice(choice, text)])] if text else []

    def ended(self, key: TextKey) -> list[Json]:
        return []

    def stopped(self, choice: int) -> None:
        """Nothing waits here."""

    def end(self, choice: int, finish: str) -> list[Json]:
        return [self._of([_choice(choice, "", finish)])]

    def last(self, usage: Json | None) -> list[Json]:
        return [self._of([]) | {"usage": usage}] if usage is not None else []

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json:
        listed = [_choice(each.index, _text(each.texts), each.finish) for each in choices]
        return self._of(listed) | ({"usage": usage} if usage else {})

    def _of(self, choices: Sequence[Json]) -> Json:
        frame = self._frame
        return {
            "id": frame.id,
            "object": "text_completion",
            "created": frame.created,
            "model": frame.model,
            "choices": choices,
        }


def _text(texts: Sequence[tuple[TextKey, str]]) -> str:
    return "".join(text for key, text in texts if key.channel in SPOKEN)


def _choice(index: int, text: str, finish: str | None = None) -> Json:
    reason = finish if finish is None or finish in FINISHES else "stop"
    return {"index": index, "text": text, "logprobs": None, "finish_reason": reason}


class CompletionFraming(DataFraming):
    """What follows in one choice can be sent as one event."""

    def joined(self, first: Json, second: Json) -> Json | None:
        match first.get("choices"), second.get("choices"):
            case (
                [{"index": int(index), "text": str(text), "finish_reason": None}],
                [{"index": int(other), "text": str(more), "finish_reason": None}],
            ) if index == other:
                return {**first, "choices": [_choice(index, text + more)]}
        return None
