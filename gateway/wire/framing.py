"""How the events of a stream, its end and its errors stand on the line."""

from collections.abc import Sequence
from typing import Protocol

import orjson

from gateway.errors import ApiError, Json
from gateway.upstream import sse


class Framing(Protocol):
    """Of one answer, from its first byte to its last."""

    def events(self, events: Sequence[Json]) -> bytes: ...

    def joined(self, first: Json, second: Json) -> Json | None:
        """Both as one event, where they differ in what their one text says alone."""

    def done(self) -> bytes:
        """What says that no event follows."""

    def error(self, error: ApiError) -> Json:
        """An error as an answer of its own."""

    def cut(self, error: ApiError) -> bytes:
        """An error as the end of a stream that has begun."""


class DataFraming:
    """Events without names, and a last one that is no JSON."""

    def events(self, events: Sequence[Json]) -> bytes:
        return b"".join([sse.encode(orjson.dumps(event)) for event in events])

    def joined(self, first: Json, second: Json) -> Json | None:
        return None

    def done(self) -> bytes:
        return sse.DONE

    def error(self, error: ApiError) -> Json:
        return error.body()

    def cut(self, error: ApiError) -> bytes:
        return sse.encode(orjson.dumps(self.error(error))) + self.done()


class EventFraming:
    """Events that say their names. `numbered`: and their numbers. Nothing follows the last one."""

    def __init__(self, numbered: bool) -> None:
        self._numbered, self._number = numbered, 0

    def events(self, events: Sequence[Json]) -> bytes:
        return b"".join([self._event(event) for event in events])

    def joined(self, first: Json, second: Json) -> Json | None:
        return None

    def done(self) -> bytes:
        return b""

    def error(self, error: ApiError) -> Json:
        return error.body()

    def cut(self, error: ApiError) -> bytes:
        return self._event({"type": "error", **self.error(error)})

    def _event(self, event: Json) -> bytes:
        if self._numbered:
            event = {**event, "sequence_number": self._number}
            self._number += 1
        return b"event: %b\ndata: %b\n\n" % (str(event["type"]).encode(), orjson.dumps(event))
