"""A forget request as its records leave it: folded from them, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from index.ledger.event import OPEN, Event, Kept, Part, State
from policy.entry import Force, Reason


@dataclass(frozen=True, slots=True)
class Change:
    """A record about the request, without its body."""

    sequence: int
    event: Event
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who agreed to which move, with which share at most."""

    event: Event
    actor: str
    share: float


@dataclass(frozen=True, slots=True)
class Request:
    """`share`: of what is asked, withheld while enforced. `segments`: the SHA-256 of each compiled part.

    `source`: what was kept; NONE after it was shredded. `sealed`: the SHA-256 of what was encrypted.
    `counts`: how many texts of which kind. `notes`: the latest of each kind. `since`: when its state began.
    """

    id: str
    state: State
    since: datetime
    requester: str
    commitment: str
    reason: Reason
    force: Force
    counts: Mapping[str, int]
    source: Kept
    reference: str = ""
    share: float = 1.0
    segments: Mapping[Part, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    sealed: str = ""
    notes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    history: tuple[Change, ...] = ()

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def texts(self) -> int:
        return sum(self.counts.values())

    def at(self, now: datetime) -> "Request":
        """What it is at this time: past its `until` it has expired, whether or not a record says so."""
        end = self.force.end
        if not self.open or end is None or now < end:
            return self
        return replace(self, state=State.EXPIRED, since=end)
