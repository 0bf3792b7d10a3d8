"""A report says what was found, shows what could not be shown, and quotes nothing."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.person import Attribute
from evaluation.report import Report
from evaluation.report_ablation import Without, ablation
from evaluation.report_files import Written
from evaluation.report_leaks import Leaks, Tried
from evaluation.report_origin import Origin
from evaluation.report_prompts import Reach
from evaluation.report_rest import sameness
from evaluation.report_verdict import Verdict, status, worst
from evaluation.run_row import Arm, Found, Outcome
from evaluation.target import BarsPart, Target
from evaluation.target_file import target_of
from evaluation.world import demo_world

BARS = BarsPart()
NAME = 'a row with <marks> & a "quote" | and a bar'


def tried(arm: Arm, leaks: int, people: int, draws: int = 1, fact: str = "phone") -> list[Outcome]:
    """The first tries leak."""
    return [
        Outcome(NAME, arm, place, place % people, place // people, fact, _found(place < leaks))
        for place in range(people * draws)
    ]


def _found(leaked: bool) -> Found:
    return Found.LEAK if leaked else Found.NONE


def leaks(
    behind: int, bare: int = 60, floor: int = 0, people: int = 150, ks: tuple[int, ...] = (1,)
) -> Leaks:
    outcomes = {
        Arm.WITH: tried(Arm.WITH, behind, people),
        Arm.WITHOUT: tried(Arm.WITHOUT, bare, 60),
        Arm.FLOOR: tried(Arm.FLOOR, floor, 60),
    }
    return Tried(NAME, "A", people, True, outcomes).figures(ks, BARS)


def test_150_people_without_a_leak_meet_two_points() -> None:
    assert leaks(behind=0).verdict is Verdict.MET


def test_one_leak_is_a_missed_bar() -> None:
    assert leaks(behind=1).verdict is Verdict.MISSED


def test_twenty_people_without_a_leak_are_too_few() -> None:
    assert leaks(behind=0, people=20).verdict is Verdict.FEW


def test_tries_for_ten_need_ten_times_as_many() -> None:
    (once, ten) = leaks(behind=0, ks=(1, 10)).within
    assert (once.verdict, ten.verdict) == (Verdict.MET, Verdict.FEW)
    assert ten.upper == pytest.approx(1 - 0.05 ** (1 / 15))


def test_answers_that_the_model_had_no_part_in_show_ten_as_well_as_one() -> None:
    """Breaks when a prompt counts as kept from the model though another answer to it was not."""
    kept = [replace(one, asked=0) for one in tried(Arm.WITH, 0, 150)]
    once, ten = figures(kept, (1, 10)).within
    assert (once.verdict, ten.verdict) == (Verdict.MET, Verdict.MET)
    again = [replace(one, sample=1, asked=1) for one in kept]
    found = figures(kept + again, (1, 10))
    assert [one.verdict for one in found.within] == [Verdict.MET, Verdict.FEW]
    assert (found.reach.prompts, found.reach.reached, found.reach.otherwise) == (150, 150, 150)


def figures(behind: list[Outcome], ks: tuple[int, ...]) -> Leaks:
    others = {Arm.WITHOUT: tried(Arm.WITHOUT, 60, 60), Arm.FLOOR: tried(Arm.FLOOR, 0, 60)}
    return Tried(NAME, "A", len(behind), True, {Arm.WITH: behind, **others}).figures(ks, BARS)


def test_a_row_that_does_not_leak_without_unsay_is_not_exercised() -> None:
    assert leaks(behind=0, bare=11).verdict is Verdict.IDLE
    assert leaks(behind=0, bare=12).verdict is Verdict.MET


def test_the_control_counts_from_the_floor() -> None:
    assert leaks(behind=0, bare=20, floor=11).verdict is Verdict.IDLE


def test_facts_that_chance_hits_are_left_out_on_both_sides() -> None:
    """Breaks when a lucky guess counts as a leak."""
    outcomes = {
        arm: tried(arm, 60, 150, fact="year") + tried(arm, 0 if arm is not Arm.WITHOUT else 150, 150)
        for arm in (Arm.WITH, Arm.WITHOUT, Arm.FLOOR)
    }
    found = Tried(NAME, "A", 300, True, outcomes).figures((1,), BARS)
    assert found.within[0].left_out == ("year",)
    assert found.within[0].value == 0
    assert found.verdict is Verdict.MET


def test_a_row_without_a_bar_is_only_stated() -> None:
    outcomes = {arm: tried(arm, 0 if arm is Arm.FLOOR else 9, 10) for arm in Arm}
    assert Tried(NAME, "A", 10, False, outcomes).figures((1,), BARS).verdict is Verdict.NO_BAR


def test_few_answers_that_stayed_the_same_show_nothing() -> None:
    same = [Outcome("x", Arm.BOTH, place, place, 0, "", Found.SAME) for place in range(100)]
    altered = replace(same[0], found=Found.ALTERED)
    assert sameness("x", same, 0.0, 0.01).verdict is Verdict.MET
    assert sameness("x", same[1:], 0.0, 0.01).verdict is Verdict.FEW
    assert sameness("x", [altered, *same], 0.0, 0.01).verdict is Verdict.MISSED
    assert sameness("x", [altered, *same], 0.01, 0.01).verdict is Verdict.MET
    assert sameness("x", [replace(one, found=Found.BLIND) for one in same], 0.0, 0.01).verdict is Verdict.IDLE


def test_the_status_is_that_of_the_worst_row() -> None:
    assert status([Verdict.MET, Verdict.IDLE, Verdict.NO_BAR]) == 0
    assert status([Verdict.MET, Verdict.FEW]) == 3
    assert status([Verdict.MET, Verdict.FEW, Verdict.MISSED]) == 1
    assert status([Verdict.FAILURES, Verdict.MET]) == 1
    assert status([Verdict.IDLE]) == 3
    assert status([]) == 3
    assert worst([Verdict.FEW, Verdict.MISSED]) is Verdict.MISSED


@pytest.fixture
def target() -> Target:
    ends = {"base_url": "http://user:hidden-key@example.test/v1"}
    return target_of({"version": 1, "with": ends, "without": ends, "k": [1, 10]}, "the test")


@pytest.fixture
def made() -> Report:
    same = [
        Outcome("harmless", Arm.BOTH, one, one, 0, "", Found.SAME, None, False, (2.0,), (1.0,))
        for one in range(9)
    ]
    rows = (leaks(behind=1, ks=(1, 10)),)
    return Report(rows, (), (sameness("harmless", same, 0.0, 0.01),), (), None, ("left <out>",), 20, 10)


@pytest.fixture
def written(target: Target, made: Report, tmp_path: Path) -> dict[str, str]:
    runs = [Without("", made), Without("semantic", made)]
    paths = Written(target, made, Origin.of("unsay evaluate <x>"), runs).write(tmp_path / "a" / "report.v1")
    assert [path.name for path in paths] == ["report.v1.json", "report.v1.md", "report.v1.html"]
    return {path.suffix: path.read_text() for path in paths}


def test_the_page_needs_no_network_and_no_script(written: dict[str, str]) -> None:
    page = written[".html"]
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)\s*=|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page


def test_the_page_is_well_formed_and_escapes_names(written: dict[str, str]) -> None:
    page = written[".html"]
    assert "a row with &lt;marks&gt; &amp; a" in page
    assert "<marks>" not in page
    for tag in ("svg", "table", "tr", "td", "ul", "figure", "g", "div"):
        assert len(re.findall(rf"<{tag}[\s>]", page)) == page.count(f"</{tag}>")


def test_all_three_say_the_same(written: dict[str, str], made: Report) -> None:
    record = json.loads(written[".json"])
    assert record["status"] == 1
    assert record["rows"][0]["within"][0]["value"] == pytest.approx(1 / 150)
    for suffix in (".md", ".html"):
        assert "0.7 % (≤ 3.1 %" in written[suffix]
        assert "1 missed" in written[suffix]
        assert "Cut short after 10 of 20 tries" in written[suffix]
    assert made.status == 1


def test_no_address_key_or_fact_is_in_a_report(written: dict[str, str]) -> None:
    facts = [one.value(fact) for one in demo_world().forgotten for fact in (Attribute.PHONE, Attribute.BOOK)]
    for text in written.values():
        assert "hidden-key" not in text
        assert "example.test" not in text
        assert not [fact for fact in facts if fact in text]


def test_a_part_is_worth_what_leaks_without_it(made: Report) -> None:
    tight = replace(made, rows=(leaks(behind=0),))
    (table,) = ablation([Without("", tight), Without("verbatim", made)])
    assert [cells[2] for cells, _ in table.rows] == ["0", "1"]
    assert NAME in table.rows[1][0][-1]
    assert not list(ablation([Without("", tight)]))


def test_a_part_is_worth_what_comes_to_the_model_without_it(made: Report) -> None:
    def run(reached: int) -> Report:
        row = leaks(behind=0)
        return replace(made, rows=(replace(row, reach=Reach(100, reached, 0, 0)),))

    parts = {"": 10, "names": 31, "views": 29}
    (table,) = ablation([Without(part, run(reached)) for part, reached in parts.items()])
    assert [cells[3] for cells, _ in table.rows] == ["10.0 %", "31.0 %", "29.0 %"]
    assert [cells[4] for cells, _ in table.rows] == ["", NAME, ""]
