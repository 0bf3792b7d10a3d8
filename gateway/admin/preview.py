"""What an entry would withhold of sample traffic, found before it is enforced.

Rules: what counts is what this entry alone does; what others withhold anyway is not its doing. Told are
counts and the numbers of rows, never a text.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.admin.rows import Row
from gateway.rehearsal import Rehearsal
from policy.action import Action
from policy.policy import STRICT, Policy, Rule, When
from policy.surface import Role

# Above such a share of ordinary traffic an entry is broader than anybody means.
LIMIT: Final = 0.01
PLACES: Final = 1000


class PreviewTooLong(RuntimeError):
    """It was given so much time, and wanted more."""


@dataclass(slots=True)
class Counts:
    """`places`: the numbers of the first rows of which something would be withheld, from 1."""

    rows: int = 0
    refused: int = 0
    redacted: int = 0
    answers: int = 0
    places: list[int] = field(default_factory=list)

    @property
    def withheld(self) -> int:
        return self.refused + self.redacted + self.answers

    @property
    def share(self) -> float:
        return self.withheld / self.rows if self.rows else 0.0


def alone(policy: Policy, entry: str) -> Policy:
    """The same, as if it did something about this entry only."""
    own = [
        replace(rule, when=replace(rule.when, entry=entry))
        for rule in policy.rules
        if rule.when.entry in (None, entry)
    ]
    strict = replace(STRICT, when=When(entry=entry))
    others = Rule(When(), dict.fromkeys(Role, Action.ALLOW), Action.ALLOW)
    return replace(policy, rules=(*own, strict, others), cloak=())


def count(
    rehearsal: Rehearsal,
    rows: Iterable[Row],
    most_s: float | None = None,
    told: Callable[[int], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> Counts:
    """`rehearsal` is of a policy that does something about one entry only. `told`: how many rows are done."""
    counts, end = Counts(), None if most_s is None else clock() + most_s
    for row in rows:
        if end is not None and clock() > end:
            raise PreviewTooLong(
                f"expected an end within {most_s:g} s, found {counts.rows} rows done; use fewer"
            )
        counts.rows += 1
        if _withheld(rehearsal, row, counts) and len(counts.places) < PLACES:
            counts.places.append(counts.rows)
        told(counts.rows)
    return counts


def _withheld(rehearsal: Rehearsal, row: Row, counts: Counts) -> bool:
    report = rehearsal.asked(row.messages)
    match report.action:
        case Action.REFUSE:
            counts.refused += 1
            return True
        case Action.REDACT:
            counts.redacted += 1
            return True
    if row.answer is None or rehearsal.answered(report, row.answer)[0] == row.answer:
        return False
    counts.answers += 1
    return True
