"""What the engine is told of one request: which entries its answer must keep clear of.

Rules: what is told follows from the policy. Where a prompt is about an entry, all are steered, since an
answer that may not go on about one goes on about another; where it is about none, none is. An entry about
which answers may say anything is not steered. Too many to list are all there are, which is stricter.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
        """What an engine steers by."""
        about = self.about(report)
        return (
            about
            if about.idle or about.active is None
            else replace(about, active=self._with_others(report, about))
        )

    def about(self, report: PromptReport) -> Directive:
        """The same for the entries alone that the prompt is about."""
        steered = {place: rule for place in report.meant if (rule := self._rule(place)).answer not in PASSING}
        roles = {evidence.place: evidence.roles for evidence in report.evidence}
        allowed = [
            place
            for place, rule in steered.items()
            if _passes(rule, conferring(roles.get(place, frozenset())))
        ]
        listed = len(steered) <= MOST_ENTRIES
        return Directive(
            active=self._numbers(steered) if listed else None,
            allowed=self._numbers(allowed if listed else ()),
            strength=self.strength,
            generation=self.snapshot.policy_generation,
        )

    def _with_others(self, report: PromptReport, about: Directive) -> frozenset[int] | None:
        """All who bind this answer; no others where those are too many to list, and not all there are."""
        passing = any(rule.answer in PASSING for rule in self.policy.rules)
        if not passing and len(report.in_force) == len(self.snapshot.entries):
            return None
        if len(report.in_force) > MOST_ENTRIES:
            return about.active
        return self._numbers(place for place in report.in_force if self._rule(place).answer not in PASSING)

    def _rule(self, place: int) -> Rule:
        entry = self.snapshot.entries[place]
        return self.policy.rule_for(entry.id, entry.reason)

    def _numbers(self, places: Iterable[int]) -> frozenset[int]:
        return frozenset(map(self.snapshot.number, places))


def with_directive(body: bytes, sealed: str) -> bytes:
    return b'{"vllm_xargs":%b,%b' % (orjson.dumps({ARGUMENT: sealed}), body[1:])


def _passes(rule: Rule, roles: frozenset[Role]) -> bool:
    return bool(roles) and strictest(map(rule.on_prompt, roles)) in PASSING
