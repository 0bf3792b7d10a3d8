"""The chain that the audit log is: each line holds its sequence number and the digest of the line before.

Rule: a line is made here and nowhere else, so that writing and checking cannot differ.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

import orjson

FIRST = "0" * 64

# Records are a tenth of it at most; what is longer is none, and nothing ever reads further for a line's end.
LINE_BYTES = 1 << 20


def digest_of(line: bytes) -> str:
    """The link of the chain: over the bytes of a line, its line end left out."""
    return hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stands: the next line's number, and the digest of the last one."""

    sequence: int = 0
    previous: str = FIRST

    def link(self, record: bytes) -> tuple[bytes, "Head"]:
        """A record (a JSON object that has fields) as the next line, and where the chain then stands."""
        line = self.opening + record[1:]
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
