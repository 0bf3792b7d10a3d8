"""What the ledger wants in force, as far as a gateway needs to know it: no text, no history.

Rule: what is read back was written here, with this key, or is refused.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from index.chain import Head
from index.key import subkey
from index.ledger.event import Part, State
from index.ledger.request import Request
from policy.entry import Force

_SEAL = 32


class StateError(ValueError):
    """What was kept of the ledger cannot be used."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One request, monitored or enforced. `exact` and `semantic`: the SHA-256 of the parts of its segment."""

    request: str
    monitored: bool
    share: float
    force: Force
    exact: str
    semantic: str | None = None

    @staticmethod
    def of(request: Request) -> "Wish":
        monitored, segments = request.state is State.MONITORED, request.segments
        parts = segments[Part.EXACT], segments.get(Part.SEMANTIC)
        return Wish(request.id, monitored, request.share, request.force, *parts)

    @property
    def segments(self) -> tuple[str, ...]:
        return (self.exact,) if self.semantic is None else (self.exact, self.semantic)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`head`: where the ledger's chain stood when it said so."""

    head: Head
    wishes: tuple[Wish, ...]

    @staticmethod
    def of(head: Head, requests: Iterable[Request]) -> "Wanted":
        standing = (State.MONITORED, State.ENFORCED)
        return Wanted(head, tuple(Wish.of(one) for one in requests if one.state in standing))

    @property
    def sequence(self) -> int:
        """Of the last record that went in; -1 before there is any."""
        return self.head.sequence - 1

    @property
    def pending(self) -> bool:
        """Whether the vectors of a request are still being made."""
        return any(wish.semantic is None for wish in self.wishes)

    @property
    def monitors(self) -> bool:
        return any(wish.monitored for wish in self.wishes)

    def to_bytes(self, key: bytes) -> bytes:
        head = [self.head.sequence, self.head.previous]
        said = json.dumps({"head": head, "wishes": [_json(wish) for wish in self.wishes]}).encode()
        return _sealed(said, key) + said

    @staticmethod
    def from_bytes(data: bytes, key: bytes) -> "Wanted":
        seal, said = data[:_SEAL], data[_SEAL:]
        if not hmac.compare_digest(seal, _sealed(said, key)):
            raise StateError("the seal is broken: it was changed, or written with another key")
        found = json.loads(said)
        return Wanted(Head(*found["head"]), tuple(map(_wish, found["wishes"])))


def _sealed(said: bytes, key: bytes) -> bytes:
    return blake2b(said, key=subkey(key, "ledger state"), digest_size=_SEAL).digest()


def _json(wish: Wish) -> dict[str, Any]:
    force = wish.force
    return {
        "request": wish.request,
        "monitored": wish.monitored,
        "share": wish.share,
        "models": force.models,
        "keys": force.keys,
        "from": force.start and force.start.isoformat(),
        "until": force.end and force.end.isoformat(),
        "exact": wish.exact,
        "semantic": wish.semantic,
    }


def _wish(said: Mapping[str, Any]) -> Wish:
    force = Force(tuple(said["models"]), _time(said["from"]), _time(said["until"]), tuple(said["keys"]))
    rest = said["share"], force, said["exact"], said["semantic"]
    return Wish(said["request"], said["monitored"], *rest)


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
