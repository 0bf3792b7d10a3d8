"""Pieces of content, as nearly all events of a stream are: read without reading all of every event.

Rule: an event is taken for a piece only where it is one that was read in full, byte for byte, with another
string in place of its content. Which of its bytes are its content was tried: another string there changed
what the event says there, and nowhere else.
"""

import orjson

from gateway.errors import Json
from gateway.wire.chat.answer import usage, usual
from gateway.wire.contract import Contract

NAME = b'"content":'
# An engine whose events differ in more than their content is not looked at for ever.
TRIES = 16
# A longer event is read as any other.
LONGEST = 65_536


class Pieces:
    """Of one stream. `choice` is the one whose pieces it knows."""

    def __init__(self, contract: Contract, choices: int) -> None:
        self._contract, self._choices = contract, choices
        self._before = self._after = b""
        self._tries = TRIES
        self.choice = 0

    def text(self, event: bytes) -> str | None:
        """What a piece says; None where the event must be read in full."""
        before, after = self._before, self._after
        if not before or not event.startswith(before) or not event.endswith(after) or len(event) > LONGEST:
            return None
        try:
            # Where the two overlap nothing is left, which is no JSON.
            text = orjson.loads(event[len(before) : len(event) - len(after)])
        except orjson.JSONDecodeError:
            return None
        return text if type(text) is str else None

    def learn(self, event: bytes) -> None:
        """Take an event, if it is a piece, as the one that the next are like."""
        if not self._tries or len(event) > LONGEST:
            return
        self._tries -= 1
        data = orjson.loads(event)
        one = usual(self._contract, data, self._choices)
        if one is not None and usage(data) is None and (found := _around(event, data)) is not None:
            (self._before, self._after), self.choice = found, one.choice


def _around(event: bytes, data: Json) -> tuple[bytes, bytes] | None:
    """What stands on both sides of the content of a usual event, where that can be told for sure."""
    text = _delta(data)["content"]
    written = orjson.dumps(text)
    start = event.rfind(NAME) + len(NAME)
    start += event[start : start + 1] == b" "
    before, after = event[:start], event[start + len(written) :]
    if event[start : start + len(written)] != written:
        return None
    other = orjson.loads(before + orjson.dumps(f"{text}?") + after)
    delta = _delta(other)
    if delta.get("content") != f"{text}?":
        return None
    delta["content"] = text
    return (before, after) if other == data else None


def _delta(data: Json) -> Json:
    match data["choices"]:
        case [{"delta": dict(delta)}, *_]:
            return delta
    raise AssertionError("not a usual event")
