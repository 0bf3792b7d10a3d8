"""Entries that bind a share of the traffic, so that a forget request can come into force little by little.

Rules: whom such an entry binds is drawn with the key, from who asks and the entry alone: the same asker
always draws the same, and whom an entry binds it binds at every larger share. Who is not known is bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import chain

from index.key import subkey
from policy.entry import Called, Force, Model

WHOLE = 1.0
_BYTES = 8


@dataclass(frozen=True, slots=True)
class Shared:
    """An entry by its place, its number, what it binds and the share of that."""

    place: int
    number: int
    force: Force
    share: float


class Shares:
    def __init__(self, key: bytes, entries: Sequence[Shared]) -> None:
        self._key = subkey(key, "shares")
        self._by_force: dict[Force, list[Shared]] = {}
        for entry in entries:
            self._by_force.setdefault(entry.force, []).append(entry)

    def __bool__(self) -> bool:
        return bool(self._by_force)

    def binding(self, model: Model, now: datetime) -> frozenset[int]:
        """The places of those that bind this model, for who asks it, now."""
        asker = model.asker if isinstance(model, Called) else b""
        binding = (listed for force, listed in self._by_force.items() if force.binds(model, now))
        return frozenset(
            one.place for one in chain(*binding) if not asker or self._drawn(asker, one) < one.share
        )

    def _drawn(self, asker: bytes, entry: Shared) -> float:
        """From 0 to below 1."""
        said = entry.number.to_bytes(_BYTES) + asker
        digest = blake2b(said, key=self._key, digest_size=_BYTES).digest()
        # 53 bits are all that a float holds: none is rounded up to 1.
        return float(int.from_bytes(digest) >> 11) / 2.0**53
