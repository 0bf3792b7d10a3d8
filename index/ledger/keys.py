"""The keys of a ledger: by which records are signed, commitments made, and kept texts encrypted.

Rules: none lies in the ledger, and none is ever shown. Who only follows needs no secret but the index key. A
key is a file that its owner alone may read, or stands in the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.key import parse_key, subkey
from policy.signing_key import PublicKey, SigningKey

SIGNING = "UNSAY_LEDGER_KEY"
SOURCES = "UNSAY_SOURCE_KEY"
SEED_BYTES = 32


class LedgerKeyError(ValueError):
    """A key of the ledger cannot be used. Never says the key."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """`signing`: None for who only reads. `trusted`: whose signatures count; none: the one that began it.

    `sources`: the key-encryption key of kept texts, 32 bytes.
    """

    index: bytes
    signing: SigningKey | None = None
    trusted: tuple[PublicKey, ...] = ()
    sources: bytes | None = None

    @property
    def wrapping(self) -> bytes:
        """What the data keys are encrypted with: made from the index key where no other is given."""
        return subkey(self.sources or self.index, "ledger sources")

    @classmethod
    def gather(
        cls,
        index: bytes,
        signing: Path | None = None,
        trusted: tuple[PublicKey, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """The environment's keys; else the signing key of this file, made where there is none."""
        found = os.environ if environment is None else environment
        said, sources = found.get(SIGNING, "").strip(), found.get(SOURCES, "").strip()
        own = _signing(said) if said else None
        if own is None and signing is not None:
            own = SigningKey.load_or_create(signing)
        return cls(index, own, trusted, parse_key(sources, SOURCES) if sources else None)


def _signing(said: str) -> SigningKey:
    """In PEM, or its 32 bytes in hexadecimal or base64."""
    if said.startswith("-----BEGIN"):
        return SigningKey.parse(said.encode(), SIGNING)
    seed = parse_key(said, SIGNING)
    if len(seed) != SEED_BYTES:
        raise LedgerKeyError(
            f"{SIGNING}: expected {SEED_BYTES} bytes, or a key in PEM; got {len(seed)} bytes"
        )
    return SigningKey(seed)
