"""What was found out about texts lately, under keyed digests: no text is kept."""

from collections import OrderedDict
from hashlib import blake2b
from typing import Generic, TypeVar

from index.key import subkey

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last `most` of them; `purpose` parts these digests from all others under the key."""

    def __init__(self, key: bytes, purpose: str, most: int) -> None:
        self._secret, self._most = subkey(key, purpose), most
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def get(self, text: str) -> T | None:
        digest = self._digest(text)
        if digest not in self._known:
            return None
        self._known.move_to_end(digest)
        return self._known[digest]

    def add(self, text: str, value: T) -> None:
        self._known[self._digest(text)] = value
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def _digest(self, text: str) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret).digest()
