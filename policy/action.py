"""What can be done about a finding, mildest first; of two actions the stricter wins."""

from collections.abc import Iterable
from enum import StrEnum


class Action(StrEnum):
    ALLOW = "allow"
    FLAG = "flag"
    REDACT = "redact"
    REWRITE = "rewrite"
    REFUSE = "refuse"

    @property
    def strictness(self) -> int:
        return list(Action).index(self)


def strictest(actions: Iterable[Action]) -> Action:
    """The strictest of the actions, `allow` when there is none."""
    return max(actions, key=lambda action: action.strictness, default=Action.ALLOW)
