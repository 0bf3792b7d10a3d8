"""What can happen to a forget request, and the states that it goes through.

Rule: `MOVES` is the whole table: what it does not list is refused. What ended never begins again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """What a record tells."""

    SETTINGS = "settings"
    ADD = "add"
    ATTACH = "attach"
    STAGE = "stage"
    MONITOR = "monitor"
    ENFORCE = "enforce"
    EXPIRE = "expire"
    RESTORE = "restore"
    APPROVE = "approve"
    NOTE = "note"
    SHRED = "shred"


class State(StrEnum):
    """staged: recorded, without effect. monitored: found and told, nothing withheld. enforced: withheld."""

    STAGED = "staged"
    MONITORED = "monitored"
    ENFORCED = "enforced"
    EXPIRED = "expired"
    RESTORED = "restored"


class Part(StrEnum):
    """What a segment is made of: tables of words, or vectors."""

    EXACT = "exact"
    SEMANTIC = "semantic"


class Kept(StrEnum):
    """What is kept of the texts: where they lie, the texts encrypted, or nothing."""

    NONE = "none"
    REFERENCE = "reference"
    ENCRYPTED = "encrypted"


OPEN: Final = frozenset({State.STAGED, State.MONITORED, State.ENFORCED})


@dataclass(frozen=True, slots=True)
class Step:
    """`needs_segment`: a replica could not do what the state asks without the compiled request."""

    before: frozenset[State]
    after: State
    needs_segment: bool = False


MOVES: Final[Mapping[Event, Step]] = {
    Event.STAGE: Step(frozenset({State.MONITORED, State.ENFORCED}), State.STAGED),
    Event.MONITOR: Step(frozenset({State.STAGED, State.ENFORCED}), State.MONITORED, needs_segment=True),
    # From itself: with another share.
    Event.ENFORCE: Step(OPEN, State.ENFORCED, needs_segment=True),
    Event.EXPIRE: Step(OPEN, State.EXPIRED),
    Event.RESTORE: Step(OPEN, State.RESTORED),
}
