"""When a process signs the log: its signature is a line of the chain, and covers every line before it.

Rules: at most one a second, and none where nothing was written since. So after a process was killed the lines
of its last second are chained and not signed. The writer signs, never a request.
"""

import time
from dataclasses import dataclass
from typing import Final

import orjson

from policy.signing_key import SigningKey

EVENT: Final = "signed"
EVERY_S: Final = 1.0


@dataclass(slots=True)
class Signer:
    """`owes`: lines were written that no signature of this process covers."""

    key: SigningKey
    owes: bool = False
    last: float = float("-inf")

    def due(self, now: float, ended: bool) -> bool:
        return self.owes and (ended or now - self.last >= EVERY_S)

    def record(self) -> bytes:
        said = {"event": EVENT, "at": round(time.time(), 3), "key": self.key.public.id}
        return orjson.dumps(said)

    def signed(self, now: float) -> None:
        self.owes, self.last = False, now

    def wait_s(self, now: float, most: float) -> float:
        """How long until it is due."""
        return max(0.0, self.last + EVERY_S - now) if self.owes else most
