"""What was found out about texts lately, under keyed digests: no text is kept.

Rule: what one tenant made known is known to no other, not even by how soon an answer comes, and none that
keeps no more than an even part of the room loses anything to the others.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Generic, TypeVar

from index.key import subkey

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last `most` of them; `purpose` parts these digests from all others under the key."""

    def __init__(self, key: bytes, purpose: str, most: int) -> None:
        self._secret, self._most, self._size = subkey(key, purpose), most, 0
        self._known: dict[str, OrderedDict[bytes, T]] = {}

    def get(self, text: str, tenant: str = "") -> T | None:
        known, digest = self._known.get(tenant), self._digest(text)
        if known is None or digest not in known:
            return None
        known.move_to_end(digest)
        return known[digest]

    def add(self, text: str, value: T, tenant: str = "") -> None:
        known, digest = self._known.setdefault(tenant, OrderedDict()), self._digest(text)
        self._size += digest not in known
        known[digest] = value
        if self._size > self._most:
            max(self._known.values(), key=len).popitem(last=False)
            self._size -= 1

    def _digest(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret).digest()
