"""The digest covers everything that a policy says."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from policy.action import Action
from policy.cases import Case, Cases
from policy.digest import contents_digest, digest, without_entries
from policy.entry import Concept, Entry, Question, Reason, Retain
from policy.policy import Coverage, OnError, Policy, Rule, Semantic, Verbatim, Views, When
from policy.surface import Role

MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
ENTRY = Entry(
    id="e",
    reason=Reason.PRIVACY,
    names=("Alden Crane",),
    passages=("one two three four",),
    questions=(Question("q", "a"),),
    secrets=("555-201-3391",),
    concept=Concept("d", ("x",)),
    retain=(Retain("near", "source"),),
    start=MIDNIGHT,
    end=MIDNIGHT + timedelta(days=1),
)
RULE = Rule(When(Reason.PRIVACY), dict.fromkeys(Role, Action.REFUSE), Action.REDACT)
POLICY = Policy(entries=(ENTRY,), digest="", rules=(RULE,))

ENTRIES = [
    replace(ENTRY, id="f"),
    replace(ENTRY, reason=Reason.SAFETY),
    replace(ENTRY, names=("Alden", "Crane")),
    replace(ENTRY, passages=()),
    replace(ENTRY, questions=(Question("q", "b"),)),
    replace(ENTRY, questions=(Question("a", "q"),)),
    replace(ENTRY, secrets=("555-201-3392",)),
    replace(ENTRY, concept=None),
    replace(ENTRY, concept=Concept("d")),
    replace(ENTRY, retain=(Retain("near", "other"),)),
    replace(ENTRY, models=("chat-*",)),
    replace(ENTRY, keys=("team-*",)),
    replace(ENTRY, start=None),
    replace(ENTRY, end=MIDNIGHT + timedelta(days=2)),
]
RULES = [
    replace(RULE, when=When()),
    replace(RULE, when=When(Reason.PRIVACY, "e")),
    replace(RULE, prompt={**RULE.prompt, Role.TOOL: Action.ALLOW}),
    replace(RULE, answer=Action.REFUSE),
]
OTHERS = [
    *(replace(POLICY, entries=(entry,)) for entry in ENTRIES),
    *(replace(POLICY, rules=(rule,)) for rule in RULES),
    replace(POLICY, entries=()),
    replace(POLICY, entries=(ENTRY, ENTRY)),
    replace(POLICY, rules=()),
    replace(POLICY, verbatim=None),
    replace(POLICY, verbatim=Verbatim(9, 2)),
    replace(POLICY, verbatim=Verbatim(8, 1)),
    replace(POLICY, semantic=None),
    replace(POLICY, misspelled=False),
    replace(POLICY, views=None),
    replace(POLICY, views=Views(2)),
    replace(POLICY, coverage=None),
    replace(POLICY, coverage=Coverage(0.7)),
    replace(POLICY, semantic=Semantic(0.01)),
    replace(POLICY, notice="Nothing."),
    replace(POLICY, cloak=("Orrin Vass",)),
    replace(POLICY, on_error=OnError.OPEN),
]


def test_policies_that_say_other_things_have_other_digests() -> None:
    digests = {digest(policy) for policy in (POLICY, *OTHERS)}
    assert len(digests) == 1 + len(OTHERS)


def test_every_field_is_varied_above() -> None:
    """A field that is added later and forgotten in the digest must not pass unnoticed."""
    for whole, variants in ((POLICY, OTHERS), (ENTRY, ENTRIES), (RULE, RULES)):
        # What a policy is tried with does nothing.
        fields = set(whole.__dataclass_fields__) - {"digest", "contents", "files", "cases"}
        assert {name for name in fields for one in variants if _differs(whole, one, name)} == fields


def _differs(whole: object, one: object, name: str) -> bool:
    return bool(getattr(whole, name) != getattr(one, name))


@pytest.mark.parametrize("hours", [1, -5])
def test_one_instant_in_two_zones_is_one_digest(hours: int) -> None:
    moved = MIDNIGHT.astimezone(timezone(timedelta(hours=hours)))
    assert digest(replace(POLICY, entries=(replace(ENTRY, start=moved),))) == digest(POLICY)


def test_the_order_of_the_roles_is_no_matter() -> None:
    turned = dict(reversed(list(RULE.prompt.items())))
    assert digest(replace(POLICY, rules=(replace(RULE, prompt=turned),))) == digest(POLICY)


def test_a_digest_is_64_hexadecimal_digits() -> None:
    assert re.fullmatch("[0-9a-f]{64}", digest(POLICY))


def test_the_contents_digest_covers_entries_and_detectors_and_not_the_rules() -> None:
    base = contents_digest(POLICY)
    assert contents_digest(replace(POLICY, rules=(), notice="No.", on_error=OnError.OPEN)) == base
    changed = [replace(POLICY, entries=(entry,)) for entry in ENTRIES]
    changed += [replace(POLICY, verbatim=Verbatim(9)), replace(POLICY, semantic=Semantic(0.01))]
    assert base not in {contents_digest(policy) for policy in changed}


def test_a_policy_without_its_entries_keeps_both_digests_and_holds_no_text() -> None:
    case = Case(((Role.USER, "Was it Alden?"),), None, "tests.must_withhold[0]", 1)
    policy = replace(POLICY, digest=digest(POLICY), cases=Cases((case,)))
    bare = without_entries(policy)
    assert (bare.digest, contents_digest(bare)) == (policy.digest, contents_digest(policy))
    assert (bare.rules, bare.notice, bare.on_error) == (policy.rules, policy.notice, policy.on_error)
    assert "Alden" not in repr(bare)
    assert "555-201" not in repr(bare)
