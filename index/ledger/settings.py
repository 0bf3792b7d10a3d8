"""How a ledger is to be used: who must agree, and how much one requester may ask for.

Rule: they stand in the ledger itself, signed like all else, so that no replica and no client has others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from index.ledger.error import Refused
from index.ledger.event import MOVES, Event


@dataclass(frozen=True, slots=True)
class Settings:
    """`approve`: the moves that need the consent of somebody who is neither the requester nor the mover.

    `most_open`: requests of one requester that have not ended. `texts_a_day`: texts that one requester adds
    within 24 hours. None: as many as they like.
    """

    approve: frozenset[Event] = frozenset()
    most_open: int | None = None
    texts_a_day: int | None = None

    def __post_init__(self) -> None:
        if foreign := self.approve - MOVES.keys():
            raise Refused(f"expected moves ({', '.join(MOVES)}) to approve, found {min(foreign)}")
        for name, most in (("most_open", self.most_open), ("texts_a_day", self.texts_a_day)):
            if most is not None and most < 1:
                raise Refused(f"{name}: expected a number of at least 1, or none, found {most}")

    def json(self) -> dict[str, Any]:
        return {
            "approve": sorted(self.approve),
            "most_open": self.most_open,
            "texts_a_day": self.texts_a_day,
        }

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        return cls(frozenset(map(Event, said["approve"])), said["most_open"], said["texts_a_day"])
