"""Who asks. Keys are compared as hashes, every one of them, in constant time."""

import hashlib
import hmac
from collections.abc import Sequence

from gateway.config import Key
from gateway.errors import forbidden, unauthorized


class Keyring:
    """Without keys everybody is let in and has no name."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)

    def name_of(self, authorization: bytes | None) -> str | None:
        """The name of the key in an Authorization header; an error when there are keys and this is none."""
        if not self._keys:
            return None
        scheme, _, token = (authorization or b"").partition(b" ")
        token = token.strip()
        found = [key.name for key in self._keys if _is(key, token)]
        if scheme.lower() != b"bearer" or not found:
            raise unauthorized()
        return found[0]

    def operator(self, authorization: bytes | None) -> None:
        """Lets in the keys that the operator marked as his own; anyone, where there are no keys."""
        name = self.name_of(authorization)
        if name is not None and not any(key.operator for key in self._keys if key.name == name):
            raise forbidden()


def _is(key: Key, token: bytes) -> bool:
    if key.sha256 is not None:
        return hmac.compare_digest(hashlib.sha256(token).hexdigest(), key.sha256)
    assert key.blake2b is not None
    return hmac.compare_digest(hashlib.blake2b(token, digest_size=32).hexdigest(), key.blake2b)
