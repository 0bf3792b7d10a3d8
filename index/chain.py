"""The chain that audit log and ledger are: each line holds its number and the digest of the line before.

Rules: a line is made here and nowhere else, so that writing and checking cannot differ. A signed line ends
with a signature over all that stands before it, and with it over every line before.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Self

import orjson

from policy.signing_key import PublicKey, SigningKey

FIRST = "0" * 64

# Records are a tenth of it at most; what is longer is none, and nothing ever reads further for a line's end.
LINE_BYTES = 1 << 20


# No other use of the key signs what begins so.
_PURPOSE = b"unsay chain\n"
_SIGNATURE = b',"signature":"'
# Sixty-four bytes in base64.
_SIGNATURE_LETTERS = 88
_SIGNATURE_BYTES = len(_SIGNATURE) + _SIGNATURE_LETTERS + len(b'"}')


def digest_of(line: bytes) -> str:
    """The link of the chain: over the bytes of a line, its line end left out."""
    return hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stands: the next line's number, and the digest of the last one."""

    sequence: int = 0
    previous: str = FIRST

    def link(self, record: bytes, key: SigningKey | None = None) -> tuple[bytes, "Head"]:
        """A record (a JSON object that has fields) as the next line, and where the chain then stands."""
        line = self.opening + record[1:]
        if key is not None:
            line = _signed(line, key)
        return line + b"\n", self.after(line)

    @property
    def opening(self) -> bytes:
        """How the next line begins."""
        return b'{"sequence":%d,"previous":"%s",' % (self.sequence, self.previous.encode())

    def after(self, line: bytes) -> "Head":
        return Head(self.sequence + 1, digest_of(line))

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Where the chain stood before this line, as the line says. ValueError when it is not a record."""
        match orjson.loads(line):
            case {"sequence": int(sequence), "previous": str(previous)}:
                return cls(sequence, previous)
        raise ValueError("not a record")


def _signed(line: bytes, key: SigningKey) -> bytes:
    said = line[:-1]
    return said + _SIGNATURE + base64.b64encode(key.sign(_PURPOSE + said)) + b'"}'


def is_signed(line: bytes) -> bool:
    return line[-_SIGNATURE_BYTES:].startswith(_SIGNATURE)


def signed_by(line: bytes, key: PublicKey) -> bool:
    """Whether the line ends with this key's signature over what stands before it."""
    if not is_signed(line):
        return False
    said, letters = line[:-_SIGNATURE_BYTES], line[-_SIGNATURE_LETTERS - 2 : -2]
    try:
        signature = base64.b64decode(letters, validate=True)
    except ValueError:
        return False
    # Of several texts for the same bytes one is the right one.
    return base64.b64encode(signature) + b'"}' == line[-_SIGNATURE_LETTERS - 2 :] and key.verifies(
        _PURPOSE + said, signature
    )
