"""What the engine is told of one request: which entries its answer must keep clear of.

Rules: what is told follows from the policy. An entry that the prompt is not about, or about which answers
may say anything, is not steered. Too many to list are all there are, which is stricter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from filters.report import PromptReport
from index.snapshot import Snapshot
from policy.action import Action, strictest
from policy.policy import Policy, Rule
from policy.surface import Role
from policy.verdict import conferring
from steering.directive import ARGUMENT, MOST_ENTRIES, Directive, seal

PASSING = frozenset({Action.ALLOW, Action.FLAG})


@dataclass(frozen=True, slots=True)
class Directing:
    """Of one protection. `lasts_s`: the longest time until the engine begins with a request."""

    policy: Policy
    snapshot: Snapshot
    strength: float
    lasts_s: float

    def onto(self, body: bytes, report: PromptReport, now: datetime) -> bytes:
        """The body, an object that is not empty, with what the engine is told."""
        key = self.snapshot.place[1]
        sealed = seal(self.directive(report), key, now.timestamp(), self.lasts_s)
        return with_directive(body, sealed)

    def directive(self, report: PromptReport) -> Directive:
        steered = dict(self._steered(report))
        allowed = [self.snapshot.number(place) for place, supplied in steered.items() if supplied]
        return Directive(
            active=self._listed(steered),
            allowed=frozenset(allowed if len(steered) <= MOST_ENTRIES else ()),
            strength=self.strength,
            generation=self.snapshot.generation,
        )

    def _listed(self, places: dict[int, bool]) -> frozenset[int] | None:
        if len(places) > MOST_ENTRIES:
            return None
        return frozenset(self.snapshot.number(place) for place in places)

    def _steered(self, report: PromptReport) -> Iterator[tuple[int, bool]]:
        """By place, the entries to keep clear of, and whether what was supplied of each may be said again."""
        roles = {evidence.place: evidence.roles for evidence in report.evidence}
        for place in sorted(report.active):
            entry = self.snapshot.entries[place]
            rule = self.policy.rule_for(entry.id, entry.reason)
            if rule.answer not in PASSING:
                yield place, _passes(rule, conferring(roles.get(place, frozenset())))


def with_directive(body: bytes, sealed: str) -> bytes:
    return b'{"vllm_xargs":%b,%b' % (orjson.dumps({ARGUMENT: sealed}), body[1:])


def _passes(rule: Rule, roles: frozenset[Role]) -> bool:
    return bool(roles) and strictest(map(rule.on_prompt, roles)) in PASSING
