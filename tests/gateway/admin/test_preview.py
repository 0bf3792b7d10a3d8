"""A preview counts what one entry would withhold of sample traffic, and what others withhold it does not."""

from datetime import UTC, datetime

import pytest

from gateway.admin.preview import PreviewTooLong, alone, count
from gateway.admin.rows import Row
from gateway.rehearsal import Rehearsal
from gateway.workers.source import Opened
from index.build import build
from index.snapshot import Snapshot
from policy.action import Action
from policy.entry import Entry, Reason
from policy.policy import Policy, Rule, When
from policy.surface import Role
from tests.gateway.running import KEY

CRANE = Entry("crane", Reason.PRIVACY, names=("Alden Crane",), secrets=("555-201-3391",))
STONE = Entry("stone", names=("Bella Stone",))
POLICY = Policy((CRANE, STONE), "", semantic=None)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("preview")
    build(POLICY, folder, KEY)
    return Snapshot.load(folder, KEY)


def rehearsal(snapshot: Snapshot, policy: Policy = POLICY) -> Rehearsal:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return Rehearsal(Opened(snapshot, None), alone(policy, "crane"), "demo", now)


def asked(text: str, answer: str | None = None) -> Row:
    return Row(((Role.USER, text),), answer)


ROWS = [
    asked("Who was Bella Stone?"),
    asked("Who was Alden Crane?"),
    asked("Whose number is this?", "Alden Crane's: 555-201-3391."),
    asked("Hello!", "Hello!"),
]


def test_counted_is_what_the_entry_alone_withholds(snapshot: Snapshot) -> None:
    counts = count(rehearsal(snapshot), ROWS)
    assert (counts.rows, counts.refused, counts.redacted, counts.answers) == (4, 1, 0, 1)
    assert counts.places == [2, 3]
    assert counts.share == 0.5


@pytest.mark.parametrize(
    ("when", "prompt", "found"),
    [
        (When(), Action.REDACT, (0, 1)),
        (When(reason=Reason.PRIVACY), Action.REDACT, (0, 1)),
        (When(entry="crane"), Action.REDACT, (0, 1)),
        (When(entry="stone"), Action.REDACT, (1, 0)),
        (When(reason=Reason.SAFETY), Action.REDACT, (1, 0)),
        (When(), Action.FLAG, (0, 0)),
    ],
)
def test_the_rules_of_the_policy_decide(
    snapshot: Snapshot, when: When, prompt: Action, found: tuple[int, int]
) -> None:
    rule = Rule(when, dict.fromkeys(Role, prompt), Action.ALLOW)
    policy = Policy(POLICY.entries, "", rules=(rule,), semantic=None)
    counts = count(rehearsal(snapshot, policy), ROWS[:2])
    assert (counts.refused, counts.redacted) == found


def test_a_cloak_does_not_hide_what_would_be_refused(snapshot: Snapshot) -> None:
    policy = Policy(POLICY.entries, "", semantic=None, cloak=("Orrin Vass",))
    assert count(rehearsal(snapshot, policy), ROWS[:2]).refused == 1


def test_there_is_an_end_to_its_time(snapshot: Snapshot) -> None:
    seconds = iter(range(10))
    with pytest.raises(PreviewTooLong, match="expected an end within 2 s, found 2 rows done"):
        count(rehearsal(snapshot), ROWS, most_s=2, clock=lambda: next(seconds))


def test_no_rows_are_no_share(snapshot: Snapshot) -> None:
    assert count(rehearsal(snapshot), []).share == 0.0
