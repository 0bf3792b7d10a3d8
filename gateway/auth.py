"""Who asks. Keys are compared as hashes, every one of them, in constant time."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from gateway.config import is_loopback
from gateway.config_keys import HashedKey, Key
from gateway.errors import forbidden, unauthorized
from gateway.fields import Fields


class Keyring:
    """Without keys everybody on this machine is let in and has no name, but for web pages from elsewhere.

    A page that a browser shows could otherwise ask a gateway on a loopback address, by a name that its owner
    points there.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)

    def admit(self, fields: Fields) -> str | None:
        """The name of the key that a request carries; raises when it may not ask."""
        if not self._keys and not all(map(is_own, fields.get(b"origin", ()))):
            raise forbidden("A web page may not ask here without a key.")
        # Of two, a server before this one may have looked at the other.
        given = [*fields.get(b"authorization", ()), *map(_borne, fields.get(b"x-api-key", ()))]
        return self.name_of(given[0] if len(given) == 1 else None)

    def name_of(self, authorization: bytes | None) -> str | None:
        """The name of the key in an Authorization header; an error when there are keys and this is none."""
        if not self._keys:
            return None
        scheme, _, token = (authorization or b"").partition(b" ")
        token = token.strip()
        found = [key.name for key in self._keys if is_key(key, token)]
        if scheme.lower() != b"bearer" or not found:
            raise unauthorized()
        return found[0]

    def admit_operator(self, fields: Fields) -> None:
        """Lets in the keys that the operator marked as his own; anyone, where there are no keys."""
        self._check(self.admit(fields), lambda key: key.operator)

    def check_checker(self, name: str | None) -> None:
        """Whether a key may be told plainly what is withheld; anyone may, where there are no keys."""
        self._check(name, lambda key: key.checks)

    def _check(self, name: str | None, marked: Callable[[Key], bool]) -> None:
        if name is not None and not any(marked(key) for key in self._keys if key.name == name):
            raise forbidden("This key may not ask for this.")


def _borne(key: bytes) -> bytes:
    """A key that comes as it is, as clients of some other servers send it."""
    return b"Bearer " + key


def is_own(origin: bytes) -> bool:
    """Whether a web page is one of this machine."""
    try:
        host = urlsplit(origin.decode("latin-1")).hostname
    except ValueError:
        return False
    return host is not None and is_loopback(host)


def is_key(key: HashedKey, token: bytes) -> bool:
    if key.sha256 is not None:
        return hmac.compare_digest(hashlib.sha256(token).hexdigest(), key.sha256)
    assert key.blake2b is not None
    return hmac.compare_digest(hashlib.blake2b(token, digest_size=32).hexdigest(), key.blake2b)
