"""Writes a chat answer: chunks of a stream, or one body.

Rule: the client sees the same kinds of chunks whatever was found: role, pieces of text, an end, usage.
"""

from collections.abc import Iterable, Sequence

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Choice
from gateway.wire.chat.answer import PROSE
from gateway.wire.framing import DataFraming
from gateway.wire.keys import ID, LEGACY_CALL, NAME, call_of, said_of
from gateway.wire.request import Request
from gateway.wire.writer import Frame
from policy.surface import Channel

NAMES = {(channel, part): name for name, channel, part in PROSE}


class ChatWriter:
    def __init__(self, frame: Frame, _: Request | None = None) -> None:
        self._frame = frame
        self._odds: dict[int, list[Json]] = {}

    def likely(self, choice: int, told: list[Json]) -> None:
        """How likely the tokens are of the content that is written next."""
        self._odds.setdefault(choice, []).extend(told)

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        return [self.chunk(choice, {"role": "assistant", "content": ""})]

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        delta = _delta(texts)
        return [self.chunk(choice, delta)] if delta else []

    def ended(self, key: TextKey) -> list[Json]:
        return []

    def stopped(self, choice: int) -> None:
        """Nothing waits."""

    def end(self, choice: int, finish: str) -> list[Json]:
        return [self.chunk(choice, {}, finish)]

    def last(self, usage: Json | None) -> list[Json]:
        return [self._of("chat.completion.chunk", []) | {"usage": usage}] if usage is not None else []

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json:
        listed: list[Json] = [
            {
                "index": choice.index,
                "message": message(choice),
                "logprobs": self._logprobs(choice.index),
                "finish_reason": choice.finish,
            }
            for choice in choices
        ]
        return self._of("chat.completion", listed) | ({"usage": usage} if usage else {})

    def chunk(self, choice: int, delta: Json, finish: str | None = None) -> Json:
        odds = self._logprobs(choice) if "content" in delta else None
        one = {"index": choice, "delta": delta, "logprobs": odds, "finish_reason": finish}
        return self._of("chat.completion.chunk", [one])

    def _logprobs(self, choice: int) -> Json | None:
        told = self._odds.pop(choice, None) if self._odds else None
        return {"content": told, "refusal": None} if told else None

    def _of(self, kind: str, choices: Sequence[Json]) -> Json:
        frame = self._frame
        return {
            "id": frame.id,
            "object": kind,
            "created": frame.created,
            "model": frame.model,
            "choices": choices,
        }


def message(choice: Choice) -> Json:
    """The fields that clients look for, an answer's or a refusal's alike."""
    kept: Json = {"role": "assistant", "content": None, "refusal": None}
    kept |= {NAMES[key[1:]]: text for key, text in choice.texts if text and key[1:] in NAMES}
    calls = _calls(choice.texts)
    legacy = calls.pop(LEGACY_CALL, None)
    if calls:
        kept["tool_calls"] = list(calls.values())
    if not kept["content"] and any(key.channel is Channel.CONTENT for key, _ in choice.texts):
        kept["content"] = ""
    return kept | ({"function_call": legacy["function"]} if legacy else {})


def _delta(texts: Sequence[tuple[TextKey, str]]) -> Json:
    """The pieces that hold something, as one delta."""
    kept: Json = {}
    for key, text in texts:
        if text and key.channel is not Channel.ARGUMENTS:
            kept[NAMES[key.channel, key.part]] = text
    if len(kept) == len(texts):
        return kept
    told = {number: call for number, call in _calls(texts).items() if _says(texts, number)}
    legacy = told.pop(LEGACY_CALL, None)
    if told:
        kept["tool_calls"] = [{"index": number} | call for number, call in told.items()]
    return kept | ({"function_call": legacy["function"]} if legacy else {})


def _says(texts: Iterable[tuple[TextKey, str]], number: int) -> bool:
    """Whether a call, or a part of one, is worth sending: what holds nothing but held text is not."""
    return any(text for key, text in texts if key.channel is Channel.ARGUMENTS and call_of(key) == number)


def _calls(texts: Iterable[tuple[TextKey, str]]) -> dict[int, Json]:
    """By their numbers, in the order in which they came."""
    calls: dict[int, Json] = {}
    for key, text in texts:
        if key.channel is Channel.ARGUMENTS:
            _put(calls.setdefault(call_of(key), {}), key, text)
    return calls


def _put(call: Json, key: TextKey, text: str) -> None:
    if said_of(key) == ID:
        call |= {"id": text, "type": "function"}
        return
    function = call.setdefault("function", {})
    assert isinstance(function, dict)
    function["name" if said_of(key) == NAME else "arguments"] = text


class ChatFraming(DataFraming):
    """What follows in one text of one choice can be sent as one event."""

    def joined(self, first: Json, second: Json) -> Json | None:
        one, other = _text(first), _text(second)
        if one is None or other is None or one[:2] != other[:2]:
            return None
        index, name, text = one
        said = {"index": index, "delta": {name: text + other[2]}, "logprobs": None, "finish_reason": None}
        return {**first, "choices": [said]}


def _text(event: Json) -> tuple[int, str, str] | None:
    match event.get("choices"):
        case [{"index": int(index), "delta": dict(delta), "finish_reason": None, "logprobs": None}] if (
            len(delta) == 1
        ):
            (name, text), *_ = delta.items()
            return (index, name, text) if isinstance(text, str) else None
    return None
