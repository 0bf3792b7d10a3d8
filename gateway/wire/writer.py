"""Writes one answer as its API has it: as one body, or as the events of a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from filters.answer_guard import TextKey
from gateway.errors import Json
from gateway.wire.answer import Choice
from gateway.wire.keys import call_of
from policy.surface import Channel


@dataclass(frozen=True, slots=True)
class Frame:
    """What every body and event of one answer has in common."""

    id: str
    created: int
    model: str


class Writer(Protocol):
    """Laws: what it writes holds no text of an answer but what it was given, and what it was given comes out
    in that order; a text that was withheld leaves no trace. A whole answer and its stream say the same.
    `tests/gateway/wire/test_writers.py` runs them.
    """

    def begin(self, choice: int, usage: Json | None) -> list[Json]:
        """Before anything of a choice. `usage` is what is known of it by then."""

    def pieces(self, choice: int, texts: Sequence[tuple[TextKey, str]]) -> list[Json]:
        """What was released in one go. A text may be empty: it is there, and nothing of it may be seen."""

    def ended(self, key: TextKey) -> list[Json]:
        """No more will come of a text."""

    def stopped(self, choice: int) -> None:
        """A choice was stopped: what waits of it is not said."""

    def end(self, choice: int, finish: str) -> list[Json]:
        """Nothing more of a choice will come."""

    def last(self, usage: Json | None) -> list[Json]:
        """When all choices have ended; `usage` where it is wanted."""

    def whole(self, choices: Sequence[Choice], usage: Json | None) -> Json: ...


def _whose(text: tuple[TextKey, str]) -> TextKey | int:
    """What names a call goes with what it says; any other text goes alone."""
    key = text[0]
    return call_of(key) if key.channel is Channel.ARGUMENTS else key


def streamed(writer: Writer, choices: Sequence[Choice], usage: Json | None, wanted: bool) -> list[Json]:
    """A whole answer as the events of a stream. `wanted`: its usage is told at the end."""
    sent: list[Json] = []
    for choice in choices:
        sent += writer.begin(choice.index, usage)
    for choice in choices:
        for _, together in groupby(choice.texts, _whose):
            sent += writer.pieces(choice.index, list(together))
        sent += writer.end(choice.index, choice.finish)
    return sent + writer.last(usage if wanted else None)
