"""The key that makes a snapshot unreadable to who has not got it.

It comes from the environment or a file of its own, never from the snapshot's folder. Every purpose has its
own sub-key, so that what one array shows says nothing about another.
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
LONGEST = 4096


class IndexKeyError(ValueError):
    """The key is missing, unreadable, too short or kept in the wrong place. Never says the key."""


def subkey(key: bytes, purpose: str) -> bytes:
    """Thirty-two bytes for one purpose, from which the key cannot be had back."""
    return blake2b(purpose.encode(), key=_fit(key), digest_size=SIZE).digest()


def key_id(key: bytes) -> str:
    """A name for the key by which a snapshot can refuse another one. It does not help to guess the key."""
    return subkey(key, "key id")[:8].hex()


def commitment(key: bytes, digest: str) -> str:
    """A digest under the key: without it, nobody can try what a short secret in the policy may be."""
    return blake2b(digest.encode(), key=subkey(key, "policy"), digest_size=SIZE).hexdigest()


def entry_number(key: bytes, entry: str) -> int:
    """By which an entry is known outside: keyed, below 2**63, and the same in every generation."""
    digest = blake2b(entry.encode(), key=subkey(key, "entries"), digest_size=8)
    return int.from_bytes(digest.digest()) >> 1


def key_from_environment(environment: Mapping[str, str] | None = None) -> bytes | None:
    """The key in UNSAY_INDEX_KEY, in hexadecimal or base64; None where that is not set."""
    text = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    return parse_key(text, VARIABLE) if text else None


def load_or_create_key(path: Path, outside: Path | None = None) -> bytes:
    """The key in this file, made at random when there is none. The file is the owner's alone."""
    if outside is not None and _real(path).is_relative_to(_real(outside)):
        raise IndexKeyError(
            f"{path}: the key must not lie in the snapshot folder {outside}; keep it elsewhere"
        )
    if not path.exists():
        _create(path)
    if not path.is_file():
        raise IndexKeyError(f"{path}: expected a file with a key, found something else")
    if path.stat().st_mode & 0o077:
        raise IndexKeyError(f"{path}: others can read the key; run: chmod 600 {path}")
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    # What is no text or too long for a key is no key either.
    return parse_key(data.decode("latin-1").strip() if len(data) <= LONGEST else "?", str(path))


def _real(path: Path) -> Path:
    """Where a path leads; one that leads in a circle, to itself."""
    return Path(os.path.realpath(path))


def parse_key(text: str, where: str) -> bytes:
    key = _decode(text)
    if key is None:
        raise IndexKeyError(
            f"{where}: expected a key in hexadecimal or base64, e.g. from: openssl rand -hex {SIZE}"
        )
    if len(key) < SHORTEST:
        raise IndexKeyError(f"{where}: expected a key of at least {SHORTEST} bytes, got {len(key)}")
    return key


def _create(path: Path) -> None:
    """Two processes that start together end with one key: who comes second reads the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SIZE) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _decode(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _fit(key: bytes) -> bytes:
    """blake2b takes at most 64 bytes of key."""
    return key if len(key) <= 64 else blake2b(key, digest_size=64).digest()
