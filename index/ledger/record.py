"""A record: who did what to which request when, and why. It holds no text of what is to be forgotten.

Rule: a record is one line of JSON of the chain (index/chain.py), signed. What is stored, exported and checked
are the bytes of the line; all else is read from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson

from index.chain import Head, digest_of
from index.ledger.error import Tampered
from index.ledger.event import Event

# The ids of many models and keys may stand in one; texts never do.
RECORD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Record:
    """`request`: the id of the request; empty where the record is about the ledger."""

    sequence: int
    previous: str
    at: datetime
    actor: str
    request: str
    event: Event
    body: Mapping[str, Any]
    line: bytes

    @property
    def digest(self) -> str:
        return digest_of(self.line)

    @property
    def head(self) -> Head:
        """Where the chain stands after it."""
        return Head(self.sequence + 1, self.digest)

    @classmethod
    def read(cls, line: bytes, where: str) -> Self:
        try:
            return cls._of(orjson.loads(line), line)
        except (ValueError, KeyError, TypeError):
            raise Tampered(f"{where}: expected a record, found something else") from None

    @classmethod
    def _of(cls, said: Any, line: bytes) -> Self:
        sequence, previous, body = said["sequence"], said["previous"], said["body"]
        actor, request, at = said["actor"], said["request"], datetime.fromisoformat(said["at"])
        if not isinstance(sequence, int) or not isinstance(body, dict) or at.tzinfo is None:
            raise ValueError
        if not all(isinstance(one, str) for one in (previous, actor, request)):
            raise ValueError
        return cls(sequence, previous, at, actor, request, Event(said["event"]), body, line)


def written(at: datetime, actor: str, request: str, event: Event, body: Mapping[str, Any]) -> bytes:
    """The fields of a record, as JSON, that the chain takes up."""
    said = {"at": at.isoformat(), "actor": actor, "request": request, "event": event, "body": body}
    return orjson.dumps(said)
