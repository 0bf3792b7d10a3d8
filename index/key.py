"""The key that makes a snapshot unreadable to who has not got it.

It comes from the environment or a file of its own, never from the snapshot's folder. Every purpose has
its own sub-key, so that what one array shows says nothing about another.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

VARIABLE = "UNSAY_INDEX_KEY"
SHORTEST = 16
SIZE = 32


class KeyError_(ValueError):
    """The key is missing, too short or kept in the wrong place."""


def subkey(key: bytes, purpose: str) -> bytes:
    """Thirty-two bytes for one purpose, from which the key cannot be had back."""
    return blake2b(purpose.encode(), key=_fit(key), digest_size=SIZE).digest()


def key_id(key: bytes) -> str:
    """A name for the key by which a snapshot can refuse another one. It does not help to guess the key."""
    return blake2b(b"key id", key=_fit(key), digest_size=8).hexdigest()


def _fit(key: bytes) -> bytes:
    """blake2b takes at most 64 bytes of key."""
    return key if len(key) <= 64 else blake2b(key, digest_size=64).digest()
