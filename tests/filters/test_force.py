"""What is not in force costs nothing and is not found; what comes into force is, from the next request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from filters import answer_guard, prompt
from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptReport, PromptScanner
from index.snapshot import Snapshot
from policy.action import Action
from policy.surface import Channel
from tests.filters.test_prompt import LEVELS, NOW, PASSAGE, REFUSING, user
from tests.filters.test_string_scanner import CRANE

CONTENT = TextKey(0, Channel.CONTENT)
ARGUMENTS = TextKey(0, Channel.ARGUMENTS)
START = NOW + timedelta(minutes=1)
SAID = f"Alden Crane, 555-201-3391. {PASSAGE}"


def later() -> Snapshot:
    return replace(CRANE, start=START).snapshot()


def report_of(snapshot: Snapshot, at: timedelta = timedelta(), said: str = SAID) -> PromptReport:
    return PromptScanner(snapshot, REFUSING, "demo", NOW + at, LEVELS).scan(user(said))


def answered(snapshot: Snapshot, report: PromptReport, key: TextKey = CONTENT) -> str:
    guard = AnswerGuard(snapshot, REFUSING, report, model="demo")
    return "".join(guard.feed(key, piece).text for piece in SAID.split(" ")) + guard.finish(key).text


def test_a_prompt_to_which_nothing_applies_is_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(*_: object, **__: object) -> None:
        raise AssertionError("it was scanned")

    monkeypatch.setattr(prompt, "look", looked)
    monkeypatch.setattr(prompt, "questions", looked)
    report = report_of(later())
    assert (report.action, report.findings, report.asks, report.pieces) == (Action.ALLOW, (), (), ())
    with pytest.raises(AssertionError, match="scanned"):
        report_of(CRANE.snapshot())


@pytest.mark.parametrize("key", [CONTENT, ARGUMENTS])
def test_an_answer_to_which_nothing_applies_goes_out_as_it_comes(
    key: TextKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(*_: object, **__: object) -> None:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(answer_guard, "Scanners", made)
    snapshot = later()
    report = report_of(snapshot)
    guard = AnswerGuard(snapshot, REFUSING, report, model="demo")
    assert [guard.feed(key, piece).text for piece in ("Alden ", "Crane")] == ["Alden ", "Crane"]
    assert guard.passes(TextKey(1, key.channel), SAID)
    with pytest.raises(AssertionError, match="looked at"):
        answered(CRANE.snapshot(), report_of(CRANE.snapshot()), key)


def test_an_entry_that_comes_into_force_is_enforced_from_the_next_request_on() -> None:
    snapshot = later()
    before, after = report_of(snapshot), report_of(snapshot, START - NOW)
    assert (before.action, after.action) == (Action.ALLOW, Action.REFUSE)
    asked = report_of(snapshot, START - NOW, "Who keeps the light?")
    assert answered(snapshot, before) == SAID.replace(" ", "")
    assert "Crane" not in answered(snapshot, asked)


def test_an_entry_for_other_models_applies_to_neither_prompt_nor_answer() -> None:
    others = replace(CRANE, models=dict.fromkeys(range(2), ("other-*",)))
    snapshot = others.snapshot()
    report = report_of(snapshot)
    assert (report.action, report.judges_answer) == (Action.ALLOW, False)
    assert answered(snapshot, report) == SAID.replace(" ", "")
