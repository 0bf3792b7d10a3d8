"""Texts that are kept encrypted: each request's under a key of its own, which one key wraps.

Rules: who lacks either key reads nothing. What was sealed for one request opens for no other, nor after a
single byte was changed. Deleting the row deletes the only copy of its key: what backups keep they keep.
"""

import os
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from index.ledger.error import Tampered, Unavailable
from policy.entry import Entry
from policy.entry_json import entry_from, entry_json

NONCE: Final = 12
KEY: Final = 32
TAG: Final = 16
WRAPPED: Final = NONCE + KEY + TAG


def seal(entry: Entry, commitment: str, wrapping: bytes) -> bytes:
    """The wrapped key, and the entry under it. Both are bound to the request and to what it says."""
    about = _about(entry.id, commitment)
    own = AESGCM.generate_key(8 * KEY)
    return _encrypted(wrapping, own, about) + _encrypted(own, orjson.dumps(entry_json(entry)), about)


def unseal(sealed: bytes, request: str, commitment: str, wrapping: bytes) -> Entry:
    about = _about(request, commitment)
    try:
        own = _decrypted(wrapping, sealed[:WRAPPED], about)
    except (InvalidTag, ValueError):
        raise Unavailable(
            f"{request}: its kept texts do not open: expected the key that they were sealed with"
        ) from None
    try:
        return entry_from(orjson.loads(_decrypted(own, sealed[WRAPPED:], about)))
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise Tampered(f"{request}: its kept texts are not what was sealed") from None


def fingerprint(data: bytes) -> str:
    return sha256(data).hexdigest()


def _about(request: str, commitment: str) -> bytes:
    return f"unsay source\n{request}\n{commitment}".encode()


def _encrypted(key: bytes, data: bytes, about: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about)


def _decrypted(key: bytes, data: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], about)
