"""Provenance decides: knowledge the conversation supplied and knowledge the model recalled are ruled apart.

Rule 1: a finding in a prompt is ruled by the role whose text it stands in.
Rule 2: a finding in an answer whose very string also stands in a system, user, tool or document part of
        the same request is in context, and ruled as the prompt was: by the strictest of those roles, and
        where that cuts it out of the prompt, no milder than what is parametric.
Rule 3: every other finding in an answer is parametric. Assistant turns, which a client can forge, never
        confer context, and neither does a finding that matches no string (key 0).

Everything here is pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy.action import Action, strictest
from policy.entry import Reason
from policy.finding import Finding
from policy.policy import Policy, Rule
from policy.surface import Channel, Role


class Provenance(StrEnum):
    IN_CONTEXT = "in_context"
    PARAMETRIC = "parametric"


@dataclass(frozen=True, slots=True)
class Verdict:
    action: Action
    provenance: Provenance


def conferring(roles: Collection[Role]) -> frozenset[Role]:
    """Those of the roles whose text puts knowledge in context."""
    return frozenset(roles) - {Role.ASSISTANT}


def provenance(roles: Collection[Role]) -> Provenance:
    """Where a string comes from that stands in these roles' parts of the request."""
    return Provenance.IN_CONTEXT if conferring(roles) else Provenance.PARAMETRIC


def on_answer(rule: Rule, roles: Collection[Role]) -> Action:
    """What is done about a string in an answer that stands in these roles' parts of the request."""
    supplied = [rule.on_prompt(role) for role in conferring(roles)]
    if supplied and strictest(supplied) in (Action.ALLOW, Action.FLAG):
        return strictest(supplied)
    # What is cut out of the prompt is said by the model itself: no milder than if it had not stood there.
    return strictest([*supplied, rule.answer])


def standing(finding: Finding, seen: Mapping[int, Collection[Role]]) -> Collection[Role]:
    """The roles in whose parts of the request the finding's very string was seen."""
    return seen.get(finding.key, ()) if finding.key else ()


def decide(
    policy: Policy,
    finding: Finding,
    reason: Reason,
    surface: Role | Channel,
    seen: Mapping[int, Collection[Role]],
) -> Verdict:
    """What is done about one finding; `seen` maps the keys found in the prompt to the roles they stand in."""
    rule = policy.rule_for(finding.entry, reason)
    match surface:
        case Role():
            return Verdict(rule.on_prompt(surface), provenance((surface,)))
        case Channel():
            roles = standing(finding, seen)
            return Verdict(on_answer(rule, roles), provenance(roles))
