"""A signed paper: a statement as JSON for people and programs, with the key and the signature in it.

Rules: a paper of one kind is never taken for another. It is refused when a single byte of it differs from
what was signed, spaces and line ends too: there is one way to write a statement down.
"""

import base64
import json
from collections.abc import Collection, Mapping
from typing import Final

from policy.signing_key import PublicKey, SigningKey, SigningKeyError
from policy.yaml_tree import Json

LARGEST: Final = 4 << 20
_ENVELOPE: Final = frozenset({"kind", "key", "signature"})


class SignedError(ValueError):
    """The paper cannot be trusted; says why, and quotes nothing of it."""


def signed(kind: str, statement: Mapping[str, Json], key: SigningKey) -> bytes:
    said: dict[str, Json] = {**statement, "kind": kind, "key": str(key.public)}
    said["signature"] = base64.b64encode(key.sign(_written(said))).decode()
    return _written(said)


def opened(kind: str, paper: bytes, keys: Collection[PublicKey]) -> dict[str, Json]:
    """What the paper states, if one of the keys signed it. Raises SignedError."""
    said = _read(paper)
    if said.get("kind") != kind:
        raise SignedError(f"expected a {kind}, found another paper")
    signer, signature = _signer(said), said.pop("signature", None)
    if signer not in keys:
        raise SignedError(f"expected the signature of a trusted key, found that of {signer.id}")
    if not signer.verifies(_written(said), _signature(signature)):
        raise SignedError("expected what was signed, found something changed since")
    return {name: value for name, value in said.items() if name not in _ENVELOPE}


def _written(said: Mapping[str, Json]) -> bytes:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode() + b"\n"


def _read(paper: bytes) -> dict[str, Json]:
    try:
        said = json.loads(paper)
        same = isinstance(said, dict) and _written(said) == paper
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise SignedError("expected a signed paper as it was written, found something else")
    found: dict[str, Json] = said
    return found


def _signer(said: Mapping[str, Json]) -> PublicKey:
    try:
        return PublicKey.parse(str(said.get("key")))
    except SigningKeyError as error:
        raise SignedError(str(error)) from None


def _signature(value: Json) -> bytes:
    try:
        signature = base64.b64decode(str(value), validate=True)
    except ValueError:
        return b""
    # Of several texts for the same bytes one is the right one.
    return signature if base64.b64encode(signature).decode() == value else b""
