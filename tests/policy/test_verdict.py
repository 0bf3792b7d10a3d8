"""Every combination of surface, provenance and action, and what is done about it."""

from itertools import chain, combinations, product

import pytest

from policy.action import Action, strictest
from policy.entry import Reason
from policy.finding import Detector, Finding, Span
from policy.policy import Policy, Rule, When
from policy.surface import Channel, Role
from policy.verdict import Provenance, Verdict, conferring, decide, on_answer, provenance

PROMPT_ACTIONS = (Action.ALLOW, Action.FLAG, Action.REDACT, Action.REFUSE)
ROLE_SETS = list(chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1)))
KEY = 77


def policy(*rules: Rule) -> Policy:
    return Policy(entries=(), digest="", rules=rules)


def finding(key: int = KEY) -> Finding:
    return Finding("e", Detector.VERBATIM, Span(0, 4), key=key)


def by_role(**actions: Action) -> Rule:
    return Rule(When(), {Role(role): action for role, action in actions.items()}, Action.REWRITE)


@pytest.mark.parametrize(("role", "action"), list(product(Role, PROMPT_ACTIONS)))
def test_a_finding_in_a_prompt_is_ruled_by_its_own_role(role: Role, action: Action) -> None:
    other = Action.ALLOW if action is Action.REFUSE else Action.REFUSE
    rule = Rule(When(), {one: action if one is role else other for one in Role}, Action.REDACT)
    assert decide(policy(rule), finding(), Reason.OTHER, role, {}).action is action


@pytest.mark.parametrize("role", Role)
def test_a_role_that_the_rule_leaves_out_is_refused(role: Role) -> None:
    rule = Rule(When(), {one: Action.ALLOW for one in Role if one is not role}, Action.ALLOW)
    assert decide(policy(rule), finding(), Reason.OTHER, role, {}).action is Action.REFUSE


@pytest.mark.parametrize("roles", ROLE_SETS, ids=lambda roles: "+".join(roles) or "none")
def test_provenance_is_in_context_when_anyone_but_the_assistant_said_it(roles: tuple[Role, ...]) -> None:
    said = any(role is not Role.ASSISTANT for role in roles)
    assert provenance(roles) is (Provenance.IN_CONTEXT if said else Provenance.PARAMETRIC)
    assert Role.ASSISTANT not in conferring(roles)


@pytest.mark.parametrize("roles", ROLE_SETS, ids=lambda roles: "+".join(roles) or "none")
@pytest.mark.parametrize("channel", Channel)
def test_an_answer_is_ruled_by_the_strictest_role_that_supplied_the_string(
    roles: tuple[Role, ...], channel: Channel
) -> None:
    """Over every way to give the five roles one of three actions."""
    for actions in product((Action.ALLOW, Action.REDACT, Action.REFUSE), repeat=len(Role)):
        prompt = dict(zip(Role, actions, strict=True))
        rule = Rule(When(), prompt, Action.REWRITE)
        supplied = [prompt[role] for role in roles if role is not Role.ASSISTANT]
        passes = bool(supplied) and strictest(supplied) is Action.ALLOW
        # What was cut out of the prompt is ruled as what was never there, or more strictly.
        expected = Action.ALLOW if passes else strictest([*supplied, Action.REWRITE])
        assert decide(policy(rule), finding(), Reason.OTHER, channel, {KEY: roles}).action is expected


@pytest.mark.parametrize(("answer", "channel"), list(product(Action, Channel)))
def test_what_the_model_recalls_is_ruled_by_answer(answer: Action, channel: Channel) -> None:
    rule = Rule(When(), dict.fromkeys(Role, Action.ALLOW), answer)
    expected = Verdict(answer, Provenance.PARAMETRIC)
    assert decide(policy(rule), finding(), Reason.OTHER, channel, {}) == expected


@pytest.mark.parametrize("channel", Channel)
def test_a_forged_assistant_turn_confers_no_context(channel: Channel) -> None:
    rule = Rule(When(), dict.fromkeys(Role, Action.ALLOW), Action.REDACT)
    seen = {KEY: (Role.ASSISTANT,)}
    assert decide(policy(rule), finding(), Reason.OTHER, channel, seen).action is Action.REDACT
    honest = {KEY: (Role.ASSISTANT, Role.USER)}
    assert decide(policy(rule), finding(), Reason.OTHER, channel, honest).action is Action.ALLOW


def test_provenance_is_per_string_not_per_entry() -> None:
    rule = by_role(user=Action.ALLOW)
    seen = {KEY: (Role.USER,)}
    own, other = finding(KEY), finding(KEY + 1)
    assert decide(policy(rule), own, Reason.OTHER, Channel.CONTENT, seen).action is Action.ALLOW
    assert decide(policy(rule), other, Reason.OTHER, Channel.CONTENT, seen).action is Action.REWRITE


def test_a_finding_of_no_string_is_never_in_context() -> None:
    rule = by_role(user=Action.ALLOW)
    verdict = decide(policy(rule), finding(0), Reason.OTHER, Channel.CONTENT, {0: (Role.USER,)})
    assert verdict == Verdict(Action.REWRITE, Provenance.PARAMETRIC)


@pytest.mark.parametrize(
    ("entry", "reason", "expected"),
    [
        ("e", Reason.PRIVACY, Action.FLAG),
        ("other", Reason.PRIVACY, Action.REWRITE),
        ("other", Reason.SAFETY, Action.ALLOW),
        ("e", Reason.SAFETY, Action.FLAG),
    ],
)
def test_the_first_rule_that_matches_wins(entry: str, reason: Reason, expected: Action) -> None:
    rules = (
        Rule(When(entry="e"), {}, Action.FLAG),
        Rule(When(reason=Reason.PRIVACY), {}, Action.REWRITE),
        Rule(When(), {}, Action.ALLOW),
        Rule(When(entry="other"), {}, Action.REFUSE),
    )
    one = Finding(entry, Detector.NAME, Span(0, 1), key=KEY)
    assert decide(policy(*rules), one, reason, Channel.CONTENT, {}).action is expected


def test_a_rule_on_entry_and_reason_needs_both() -> None:
    when = When(reason=Reason.PRIVACY, entry="e")
    matched = {(entry, reason): when.matches(entry, reason) for entry in ("e", "f") for reason in Reason}
    assert [pair for pair, matches in matched.items() if matches] == [("e", Reason.PRIVACY)]


def test_without_rules_prompts_are_refused_and_answers_redacted() -> None:
    bare = policy()
    assert {decide(bare, finding(), Reason.OTHER, role, {}).action for role in Role} == {Action.REFUSE}
    assert {decide(bare, finding(), Reason.OTHER, channel, {}).action for channel in Channel} == {
        Action.REDACT
    }


def test_on_answer_never_asks_the_prompt_rule_without_a_supplier() -> None:
    rule = Rule(When(), dict.fromkeys(Role, Action.ALLOW), Action.REFUSE)
    assert on_answer(rule, ()) is Action.REFUSE
    assert on_answer(rule, (Role.ASSISTANT,)) is Action.REFUSE
