"""By entry, the tokens and strings that a request to a model server without our plug-in asks to leave out.

Rule: a table tells what is forgotten to whoever has the key, and nothing to who has not: it is masked and
sealed. One that was changed, was made for another key or is of another version is refused whole.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from index.key import key_id, subkey

VERSION = 1
LARGEST = 1 << 26
_HEAD, _NONCE, _SEAL, _BLOCK = b"unsay biases\n", 16, 32, 64


class BiasError(ValueError):
    """The table cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Bias:
    """Of one entry: tokens that hardly anything else is said with, and strings as they are written."""

    tokens: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


def write_biases(path: Path, key: bytes, biases: Mapping[int, Bias]) -> None:
    """`biases` by the entries' numbers."""
    entries = {str(number): [bias.tokens, bias.words] for number, bias in biases.items()}
    said = json.dumps({"version": VERSION, "key": key_id(key), "entries": entries}).encode()
    nonce = secrets.token_bytes(_NONCE)
    masked = nonce + _masked(said, key, nonce)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(0o600)
    draft.write_bytes(_HEAD + _seal(masked, key) + masked)
    draft.replace(path)


def read_biases(path: Path, key: bytes) -> dict[int, Bias]:
    """Raises BiasError."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST or not data.startswith(_HEAD):
        raise BiasError(f"{path}: is no table of biases")
    sealed, masked = data[len(_HEAD) :][:_SEAL], data[len(_HEAD) + _SEAL :]
    if not hmac.compare_digest(sealed, _seal(masked, key)):
        raise BiasError(f"{path}: was changed, or made with another key; run: unsay steer bias")
    said = json.loads(_masked(masked[_NONCE:], key, masked[:_NONCE]))
    if said["version"] != VERSION:
        raise BiasError(f"{path}: expected version {VERSION}, found {said['version']}; run: unsay steer bias")
    return {
        int(number): Bias(tuple(tokens), tuple(words)) for number, (tokens, words) in said["entries"].items()
    }


def _seal(masked: bytes, key: bytes) -> bytes:
    return blake2b(masked, key=subkey(key, "seal of biases"), digest_size=_SEAL).digest()


def _masked(said: bytes, key: bytes, nonce: bytes) -> bytes:
    """Said under a stream that never repeats; the same once more takes it off."""
    stream_key = subkey(key, "mask of biases")
    blocks = (
        blake2b(place.to_bytes(8, "little"), key=stream_key, salt=nonce).digest()
        for place in range(-(-len(said) // _BLOCK))
    )
    stream = b"".join(blocks)[: len(said)]
    return (int.from_bytes(said, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(said), "little")
