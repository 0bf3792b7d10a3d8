"""Who may ask now: the rate of a key's requests, its budget of near-hits, and the places of this worker.

Rules:
1. A key's rate and budget are its own and count over all workers; without keys everybody shares one.
2. Every request counts, whatever becomes of it: an answer, a refusal or an error costs the same.
"""

import hashlib
from dataclasses import dataclass

from gateway import errors
from gateway.config import Config
from gateway.limits.allowance import Allowance
from gateway.limits.bodies import Bodies
from gateway.limits.shared_table import SharedTable
from gateway.limits.slots import Slots

MINUTE_S, HOUR_S = 60.0, 3600.0
# Of each key: its requests and its near-hits.
KINDS = 2
# Far more than there are keys, so that each has its own; what nobody uses takes no memory.
ROWS = 2**20


@dataclass(frozen=True, slots=True)
class Permit:
    """What one key has left. `requests` is none where their number is not limited."""

    requests: Allowance | None
    near_hits: Allowance


class Admission:
    """One for each worker, all over one table."""

    def __init__(self, config: Config, table: SharedTable | None = None) -> None:
        self._table = table or shared_table()
        self._permits = {name: self._permit(config, name, row) for name, row in _rows(config).items()}
        self.slots, self.bodies = Slots(config.limits), Bodies(config.limits.bodies_bytes)

    def under(self, config: Config) -> "Admission":
        """The same under other settings: what a key has used stays used."""
        return Admission(config, self._table)

    def ask(self, key: str | None) -> Permit:
        """The key's permit, one request poorer; an error when it has none left."""
        permit = self._permits[key]
        if permit.requests is not None and (wait := permit.requests.take()) > 0:
            raise errors.too_many(permit.requests.amount, wait)
        return permit

    def _permit(self, config: Config, name: str | None, row: int) -> Permit:
        limits = config.limits
        own = next((key.requests_per_minute for key in config.keys if key.name == name), None)
        rate = own or limits.requests_per_minute
        return Permit(
            Allowance(self._table, row, rate, MINUTE_S) if rate else None,
            Allowance(self._table, row + 1, limits.near_hits, HOUR_S),
        )


def shared_table() -> SharedTable:
    """What the workers share: made once, before they are forked."""
    return SharedTable(ROWS * KINDS)


def _rows(config: Config) -> dict[str | None, int]:
    """Each key's first row, by its name: the same in all workers, and after keys were added."""
    taken: dict[int, str | None] = {}
    for name in sorted(key.name for key in config.keys) or (None,):
        row = int.from_bytes(hashlib.sha256((name or "").encode()).digest()[:8]) % ROWS
        while row in taken:
            row = (row + 1) % ROWS
        taken[row] = name
    return {name: row * KINDS for row, name in taken.items()}
