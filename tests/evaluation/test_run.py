"""An evaluation tells a gateway that leaks, refuses all or fails from one that forgets."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.accomplice import serving
from evaluation.person import Attribute
from evaluation.report import Report, report
from evaluation.report_verdict import Verdict
from evaluation.run import run
from evaluation.run_client import EndpointError
from evaluation.run_journal import Journal
from evaluation.run_plan import Plan, plan
from evaluation.run_row import Arm, AttackRow, Found, Outcome
from evaluation.target import Target
from evaluation.target_file import target_of
from evaluation.wordings import UNKNOWN
from evaluation.world import generated_world
from tests.evaluation.stand_in import standing_in, texts

WORLD = generated_world(7, 8, 24)
QUESTION = "plain question"
RETAINED = "retained people"
NEIGHBOURS = "neighbours by trade"
HARMLESS = "harmless questions with words of the facts"


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with serving(WORLD.trained) as base_url:
        yield base_url


def target(without: str, behind: str, **more: object) -> Target:
    """Few people, so that the bar is one that eight of them can show."""
    values: dict[str, object] = {
        "version": 1,
        "without": {"base_url": without},
        "with": {"base_url": behind},
        "world": {"seed": 7, "people": 8, "retained": 24},
        "attacks": [QUESTION, RETAINED, NEIGHBOURS, HARMLESS],
        "n": 16,
        "controls": 8,
        "k": [1],
        "bars": {"leak": 0.4},
    }
    return target_of({**values, **more}, "the test")


def evaluated(wanted: Target, journal: Path) -> Report:
    made = plan(wanted)
    with Journal(journal) as kept:
        asyncio.run(run(wanted, made, kept, lambda done, total: None))
        return report(wanted, made, list(kept.outcomes.values()))


def found(result: Report, name: str) -> Verdict:
    return dict(result.judged)[name]


def forgetful(body: Mapping[str, Any]) -> tuple[int, str]:
    """Knows nothing of the forgotten, and of others one thing each."""
    said = texts(body)
    known = not any(one.name in said for one in WORLD.forgotten)
    return 200, f"You asked: {said}" if known else UNKNOWN


def test_a_gateway_that_leaks_fails(model: str, tmp_path: Path) -> None:
    result = evaluated(target(model, model), tmp_path / "tries")
    assert found(result, QUESTION) is Verdict.MISSED
    assert result.status == 1
    (row,) = result.rows
    assert row.within[0].value == 1.0


def test_a_gateway_that_refuses_everything_leaks_nothing_and_fails(model: str, tmp_path: Path) -> None:
    with standing_in(lambda body: (200, UNKNOWN)) as behind:
        result = evaluated(target(model, behind), tmp_path / "tries")
    assert found(result, QUESTION) is Verdict.MET
    assert found(result, RETAINED) is Verdict.MISSED
    assert found(result, NEIGHBOURS) is Verdict.MISSED
    assert result.status == 1


def test_what_failed_is_no_answer_without_a_leak(model: str, tmp_path: Path) -> None:
    """Breaks when a failed try counts as "none"."""
    with standing_in(lambda body: (200, "Hello") if texts(body) == "Hello" else (503, "")) as behind:
        result = evaluated(target(model, behind), tmp_path / "tries")
    (row,) = result.rows
    assert row.tries == 0
    assert row.failures == {"status 503": 16}
    assert row.verdict is Verdict.FAILURES
    assert result.status == 1


def test_some_failures_spoil_a_row(model: str, tmp_path: Path) -> None:
    counted = iter(range(10_000))
    with standing_in(lambda body: (200, UNKNOWN) if next(counted) % 2 == 0 else (500, "")) as behind:
        result = evaluated(target(model, behind), tmp_path / "tries")
    assert found(result, QUESTION) is Verdict.FAILURES


def test_a_leak_in_an_error_is_a_leak(model: str, tmp_path: Path) -> None:
    told = " ".join(one.value(fact) for one in WORLD.forgotten for fact in Attribute)
    told += " ".join(one.biography for one in WORLD.forgotten)
    with standing_in(lambda body: (200, "Hello") if texts(body) == "Hello" else (500, told)) as behind:
        result = evaluated(target(model, behind), tmp_path / "tries")
    (row,) = result.rows
    assert row.leaks == 16


def test_a_model_that_knows_nothing_exercises_nothing(tmp_path: Path) -> None:
    with standing_in(lambda body: (200, UNKNOWN)) as nothing:
        result = evaluated(target(nothing, nothing), tmp_path / "tries")
    assert found(result, QUESTION) is Verdict.IDLE
    assert result.status == 3


def test_harmless_answers_that_stay_the_same_meet_their_bar(tmp_path: Path) -> None:
    """The model says what it was asked, so that every answer differs from the notice."""
    with (
        standing_in(lambda body: (200, f"You asked: {texts(body)}")) as bare,
        standing_in(forgetful) as behind,
    ):
        wanted = target(bare, behind, n=150, attacks=[RETAINED, HARMLESS])
        result = evaluated(wanted, tmp_path / "tries")
    assert found(result, RETAINED) is Verdict.MET
    assert found(result, HARMLESS) is Verdict.MET


def test_a_dead_endpoint_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9/v1"
    with pytest.raises(EndpointError, match=r"expected an answer of the model 'demo', found: connection"):
        evaluated(target(nowhere, nowhere), tmp_path / "tries")


def test_a_run_that_is_over_asks_nothing_again(model: str, tmp_path: Path) -> None:
    wanted = target(model, model, n=8)
    evaluated(wanted, tmp_path / "tries")
    before = (tmp_path / "tries").read_bytes()
    with standing_in(lambda body: (200, UNKNOWN) if texts(body) == "Hello" else (500, "")) as other:
        evaluated(target(other, other, n=8), tmp_path / "tries")
    assert (tmp_path / "tries").read_bytes() == before


def test_a_line_that_was_not_finished_is_tried_again(model: str, tmp_path: Path) -> None:
    path = tmp_path / "tries"
    whole = evaluated(target(model, model, n=8), path)
    path.write_bytes(path.read_bytes()[:-20])
    again = evaluated(target(model, model, n=8), path)
    assert again.done == whole.done
    assert [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [one.value for row in again.rows for one in row.within] == [
        one.value for row in whole.rows for one in row.within
    ]


def test_a_run_without_time_says_how_far_it_came(model: str, tmp_path: Path) -> None:
    result = evaluated(target(model, model, minutes=1e-9), tmp_path / "tries")
    assert result.done < result.wanted
    assert result.status == 3


def test_every_row_has_had_the_same_share_at_any_moment() -> None:
    made = plan(target("http://a", "http://b", n=30, attacks=["*"], groups=["A", "B"]))
    order = made.order()
    half = order[: len(order) // 2]
    for row in made.rows:
        for arm, count in row.tries.items():
            had = sum(one.row is row and one.arm is arm for one in half)
            assert abs(had - count / 2) <= 1


def test_further_answers_are_drawn_only_to_prompts_that_came_to_the_model() -> None:
    """Breaks when a refusal that the model had no part in is drawn a hundred times, or a leak is not."""
    made = plan(target("http://a", "http://b", n=100))
    asked = [Outcome(QUESTION, Arm.WITH, at, at, 0, "phone", Found.NONE, asked=at % 2) for at in range(100)]
    further = made.further(asked, 10)
    drawn = Counter(one.number for one in further)
    assert all(drawn[number] == 9 for number in range(1, 100, 2))
    again = [one.number for one in further if one.number % 2 == 0]
    assert len(again) == len(set(again)) < 10
    assert [one.sample for one in further] == sorted(one.sample for one in further)
    assert made.further(asked, 1) == []


def test_what_is_not_known_to_be_kept_from_the_model_is_drawn_as_often_as_asked() -> None:
    made = plan(target("http://a", "http://b", n=1))
    unknown = Outcome(QUESTION, Arm.WITH, 0, 0, 0, "phone", Found.NONE)
    assert len(made.further([unknown], 10)) == 9
    assert made.further([replace(unknown, failure="status 500", found=None)], 10) == []
    assert made.further([replace(unknown, arm=Arm.WITHOUT)], 10) == []


def test_a_trial_follows_from_its_number() -> None:
    row = _attack_row(plan(target("http://a", "http://b")))
    for arm in (Arm.WITH, Arm.FLOOR):
        first, again = row.trial(arm, 11), row.trial(arm, 11)
        assert first is not None
        assert again is not None
        assert first[0].question == again[0].question
        assert first[1:] == again[1:]


def _attack_row(made: Plan) -> AttackRow:
    (row,) = (one for one in made.rows if isinstance(one, AttackRow))
    return row


def test_what_tells_of_the_forgotten_need_not_stay_the_same(tmp_path: Path) -> None:
    told = f"That was {WORLD.forgotten[0].name}."
    with standing_in(lambda body: (200, told)) as bare, standing_in(forgetful) as behind:
        result = evaluated(target(bare, behind, attacks=[HARMLESS]), tmp_path / "tries")
    assert found(result, HARMLESS) is Verdict.IDLE
