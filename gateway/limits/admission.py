"""Who may ask now: what a key may use in a time (requests, tokens, near-hits), and the places of this worker.

Rules:
1. What a key may use is its own and counts over all workers; without keys everybody shares one.
2. Every request counts, whatever becomes of it: an answer, a refusal or an error costs the same; and in
   tokens what its client is told that it cost.
"""

import hashlib
from dataclasses import dataclass

from gateway import errors
from gateway.config import Config
from gateway.limits.allowance import Allowance
from gateway.limits.at_once import AtOnce
from gateway.limits.bodies import Bodies
from gateway.limits.shared_table import SharedTable
from gateway.limits.slots import Slots, Tally
from gateway.limits.under_way import UnderWay, Workers

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
# Of each key: its requests, its near-hits and its tokens.
KINDS = 3
# Far more than there are keys, so that each has its own; what nobody uses takes no memory.
ROWS = 2**20


@dataclass(frozen=True, slots=True)
class Permit:
    """What one key has left. `requests` and `tokens` are none where their number is not limited."""

    requests: Allowance | None
    near_hits: Allowance
    tokens: Allowance | None
    at_once: AtOnce


class Admission:
    """One for each worker, all over one table."""

    def __init__(
        self,
        config: Config,
        table: SharedTable | None = None,
        under_way: UnderWay | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._table, self._tally = table or shared_table(), tally
        self._under_way = under_way or workers(1).born()
        self._permits = {name: self._permit(config, name, row) for name, row in _rows(config).items()}
        self.slots, self.bodies = Slots(config.limits, tally), Bodies(config.limits.bodies_bytes)

    def under(self, config: Config) -> "Admission":
        """The same under other settings: what a key has used stays used."""
        return Admission(config, self._table, self._under_way, self._tally)

    def ask(self, key: str | None) -> Permit:
        """The key's permit, one request poorer; an error when it has none left."""
        permit = self._permits[key]
        if permit.requests is not None and (wait := permit.requests.take()) > 0:
            raise errors.too_many(permit.requests.amount, wait)
        if permit.tokens is not None and permit.tokens.empty:
            raise errors.no_tokens(permit.tokens.amount)
        return permit

    def _permit(self, config: Config, name: str | None, row: int) -> Permit:
        limits = config.limits
        own = next((key for key in config.keys if key.name == name), None)
        rate = (own.requests_per_minute if own is not None else None) or limits.requests_per_minute
        tokens = own.tokens_per_day if own is not None else None
        at_once = own.requests_at_a_time if own is not None else None
        return Permit(
            Allowance(self._table, row, rate, MINUTE_S) if rate else None,
            Allowance(self._table, row + 1, limits.near_hits, HOUR_S),
            Allowance(self._table, row + 2, tokens, DAY_S) if tokens else None,
            AtOnce(row // KINDS, at_once, self._under_way),
        )


def shared_table() -> SharedTable:
    """What the workers share: made once, before they are forked."""
    return SharedTable(ROWS * KINDS)


def workers(most: int) -> Workers:
    """What tells how many requests they have under way: made once, too."""
    return Workers(most, ROWS)


def _rows(config: Config) -> dict[str | None, int]:
    """Each key's first row, by its name: the same in all workers, and after keys were added."""
    taken: dict[int, str | None] = {}
    for name in sorted(key.name for key in config.keys) or (None,):
        row = int.from_bytes(hashlib.sha256((name or "").encode()).digest()[:8]) % ROWS
        while row in taken:
            row = (row + 1) % ROWS
        taken[row] = name
    return {name: row * KINDS for row, name in taken.items()}
