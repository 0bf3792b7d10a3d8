"""What one feed of a guard gives back.

Rule: once a step carries a stop, nothing more of that choice may be sent; `text` is then all that may still
go out, the notice included where the channel is prose.
"""

from dataclasses import dataclass
from typing import NamedTuple

from filters.scan import Ask
from policy.action import Action


@dataclass(frozen=True, slots=True)
class Stop:
    """Why an answer ended early. Both fields are for the audit, never for the client."""

    action: Action
    entry: str


# A tuple, because one is made for every event: it takes a third of the time of a dataclass.
class Step(NamedTuple):
    """`text` may be sent now; each ask must be settled before what it holds can go out."""

    text: str = ""
    asks: tuple[Ask, ...] = ()
    stop: Stop | None = None


NOTHING = Step()
