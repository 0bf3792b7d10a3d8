"""What the engine is told follows from the prompt and the policy."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from filters.prompt import PromptReport, PromptScanner
from filters.segment import Segment
from gateway.steering import directing
from gateway.steering.directing import Directing
from index.build import build
from index.snapshot import Snapshot
from policy.action import Action
from policy.entry import Entry
from policy.policy import Policy, Rule, Verbatim, When
from policy.surface import Role
from steering.directive import Directive, open_directive
from tests.gateway.running import CRANE, KEY

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MARLOWE = Entry("marlowe", names=("Ida Marlowe",), secrets=("Quern Hollow",))


def directing_of(folder: Path, prompt: dict[Role, Action] | Action, answer: Action) -> Directing:
    by_role = prompt if isinstance(prompt, dict) else dict.fromkeys(Role, prompt)
    policy = Policy((CRANE, MARLOWE), "0" * 64, (Rule(When(), by_role, answer),), Verbatim(8, 2), None, "No.")
    build(policy, folder, KEY)
    return Directing(policy, Snapshot.load(folder, KEY), 0.5, 900)


def report(steers: Directing, *said: tuple[Role, str]) -> PromptReport:
    segments = [
        Segment(role, text, place, ("messages", place, "content")) for place, (role, text) in enumerate(said)
    ]
    return PromptScanner(steers.snapshot, steers.policy, "demo", NOW).scan(segments)


def numbers(steers: Directing, *ids: str) -> frozenset[int]:
    return frozenset(steers.snapshot.number(steers.snapshot.places[each]) for each in ids)


def test_a_prompt_about_nobody_steers_nothing(tmp_path: Path) -> None:
    steers = directing_of(tmp_path, Action.ALLOW, Action.REDACT)
    assert steers.directive(report(steers, (Role.USER, "Hello."))).idle


@pytest.mark.parametrize(("prompt", "allowed"), [("allow", True), ("flag", True), ("redact", False)])
def test_who_is_asked_about_is_steered(tmp_path: Path, prompt: str, allowed: bool) -> None:
    steers = directing_of(tmp_path, Action(prompt), Action.REDACT)
    told = steers.directive(report(steers, (Role.USER, "Who is Alden Crane?")))
    crane = numbers(steers, "crane")
    assert told == Directive(None, crane if allowed else frozenset(), 0.5, steers.snapshot.generation)


def test_who_is_not_asked_about_is_steered_too_where_the_entry_binds_the_answer(tmp_path: Path) -> None:
    rules = (Rule(When(entry="marlowe"), dict.fromkeys(Role, Action.ALLOW), Action.FLAG),)
    crane, marlowe, other = CRANE, MARLOWE, Entry("other", names=("Ursula Quill",))
    elsewhere = Entry("elsewhere", names=("Basil Mercer",), models=("another",))
    policy = Policy((crane, marlowe, other, elsewhere), "0" * 64, rules, Verbatim(8, 2), None, "No.")
    build(policy, tmp_path, KEY)
    steers = Directing(policy, Snapshot.load(tmp_path, KEY), 0.5, 900)
    told = steers.directive(report(steers, (Role.USER, "Who is Alden Crane?")))
    assert told.active == numbers(steers, "crane", "other")
    assert steers.about(report(steers, (Role.USER, "Who is Alden Crane?"))).active == numbers(steers, "crane")


def test_others_are_left_out_where_they_are_too_many_and_not_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Entry("elsewhere", names=("Basil Mercer",), models=("another",))
    policy = Policy((CRANE, MARLOWE, elsewhere), "0" * 64, (), Verbatim(8, 2), None, "No.")
    build(policy, tmp_path, KEY)
    steers = Directing(policy, Snapshot.load(tmp_path, KEY), 0.5, 900)
    monkeypatch.setattr(directing, "MOST_ENTRIES", 1)
    told = steers.directive(report(steers, (Role.USER, "Who is Alden Crane?")))
    assert told.active == numbers(steers, "crane")


def test_what_one_role_may_not_supply_is_not_allowed(tmp_path: Path) -> None:
    actions = dict.fromkeys(Role, Action.ALLOW) | {Role.USER: Action.REDACT}
    steers = directing_of(tmp_path, actions, Action.REDACT)
    both = (Role.SYSTEM, "Alden Crane keeps bees."), (Role.USER, "Who is Alden Crane?")
    assert steers.directive(report(steers, both[0])).allowed == numbers(steers, "crane")
    assert steers.directive(report(steers, *both)).allowed == frozenset()


def test_what_an_assistant_turn_says_is_never_allowed(tmp_path: Path) -> None:
    steers = directing_of(tmp_path, Action.ALLOW, Action.REDACT)
    told = steers.directive(report(steers, (Role.ASSISTANT, "Alden Crane keeps bees."), (Role.USER, "On.")))
    assert (told.active, told.allowed) == (None, frozenset())


@pytest.mark.parametrize("answer", [Action.ALLOW, Action.FLAG])
def test_where_answers_may_tell_nothing_is_steered(tmp_path: Path, answer: Action) -> None:
    steers = directing_of(tmp_path, Action.ALLOW, answer)
    assert steers.directive(report(steers, (Role.USER, "Who is Alden Crane?"))).idle


def test_more_than_can_be_listed_are_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steers = directing_of(tmp_path, Action.ALLOW, Action.REDACT)
    monkeypatch.setattr(directing, "MOST_ENTRIES", 1)
    told = steers.directive(report(steers, (Role.USER, "Alden Crane met Ida Marlowe.")))
    assert (told.active, told.allowed) == (None, frozenset())


def test_it_stands_sealed_in_the_body(tmp_path: Path) -> None:
    steers = directing_of(tmp_path, Action.ALLOW, Action.REDACT)
    asked = report(steers, (Role.USER, "Who is Alden Crane?"))
    body = orjson.loads(steers.onto(b'{"model":"demo","n":1}', asked, NOW))
    sealed = body.pop("vllm_xargs")
    assert body == {"model": "demo", "n": 1}
    assert open_directive(sealed["unsay"], KEY, NOW.timestamp()) == steers.directive(asked)
