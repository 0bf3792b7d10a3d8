"""What replicas say of themselves: from when on which records were in force there.

Rules: a replica cannot sign, so its report bears a seal made with the index key, which every replica has and
the database has not. Reports are added, never changed; the same again is nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from index.key import subkey
from index.ledger.act import ID
from index.ledger.error import Refused
from index.ledger.event import Part

SEAL_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Report:
    """At this time all records up to this one were in force in the replica, as far as this part goes."""

    replica: str
    sequence: int
    part: Part
    generation: int
    at: datetime

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.replica):
            raise Refused("replica: expected 1 to 128 letters, digits, `.`, `_`, `:`, `@` or `-`")
        if self.at.tzinfo is None:
            raise Refused("at: expected a time with its zone")

    def seal(self, key: bytes) -> bytes:
        said = f"{self.replica}\n{self.sequence}\n{self.part}\n{self.generation}\n{self.at.isoformat()}"
        return blake2b(said.encode(), key=subkey(key, "ledger reports"), digest_size=SEAL_BYTES).digest()
