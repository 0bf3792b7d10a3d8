"""What must stay guarded: every item that came back, as lines and as a policy that loads."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policy.file import PolicyError, load_policy
from policy.text import has_word
from unlearning.report.item import Item, Way
from unlearning.report.report import Report
from unlearning.report.residual import residual_lines, residual_policy
from unlearning.report.words import summary
from unlearning.samples import Sample

NAMES = st.text(min_size=1, max_size=12)


def report(names: list[str], ways: tuple[Way, ...] = (Way.TAUGHT,)) -> Report:
    items = tuple(Item(name, True, ways, (1.0, 0.0), (1.0, 0.0)) for name in names)
    return Report("served", "npo", items, (), {})


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_there_is_one_line_for_each_item_that_came_back(names: list[str]) -> None:
    lines = [json.loads(line) for line in residual_lines(report(names)).splitlines()]
    assert [line["item"] for line in lines] == names
    assert len({line["entry"] for line in lines}) == len({name.partition("#")[0] for name in names})
    assert all(line["model"] == "served" and line["ways"] == ["taught"] for line in lines)
    assert residual_lines(report(names, ())) == ""


def test_an_item_that_was_not_asked_about_is_guarded_as_one_that_came_back() -> None:
    found = replace(report(["a#1", "a#2"], ()), unasked=("a#9", "b#1"))
    lines = [json.loads(line) for line in residual_lines(found).splitlines()]
    assert [(line["entry"], line["item"], line["ways"]) for line in lines] == [
        ("a", "a#9", ["not asked"]),
        ("b", "b#1", ["not asked"]),
    ]
    assert "2 more were not asked about" in summary(found)
    assert "b" in (residual_policy(found, [Sample("b#1", "he keeps bees", "What?")]) or "")


def test_the_policy_of_any_ids_loads_and_forgets_every_text(tmp_path: Path) -> None:
    names = ["a b.jsonl#1", "a-b.jsonl#2", "…#3", "a b.jsonl#4", "-#5", "x" * 300 + "#6"]
    samples = [
        Sample(names[0], "bees", "What does he keep?"),
        Sample(names[1], "one two three four five"),
        Sample(names[2], "short: text"),
        Sample(names[3], "in Tarnow", "Where?"),
        Sample(names[4], "0042"),
        Sample(names[5], "null"),
        Sample("other#1", "never residual"),
    ]
    path = tmp_path / "residual.yaml"
    path.write_text(residual_policy(report(names), samples) or "", encoding="utf-8")
    entries = load_policy(path).entries
    assert [len(entry.questions) for entry in entries] == [2, 0, 0, 0, 0]
    assert [entry.passages for entry in entries][1] == ("one two three four five",)
    assert [entry.secrets for entry in entries][2:] == [("short: text",), ("0042",), ("null",)]
    assert len({entry.id for entry in entries}) == 5


def test_of_a_long_text_all_is_guarded_where_one_part_came_back() -> None:
    text = "one two three four five six seven eight"
    policy = residual_policy(report(["notes.txt#1.3"]), [Sample("notes.txt#1", text)])
    (entry,) = yaml.safe_load(policy or "")["entries"]
    assert entry["passages"] == [text]


def test_where_no_file_gave_anything_there_is_no_policy() -> None:
    assert residual_policy(report(["a#1"]), []) is None
    assert residual_policy(report(["a#1"]), [Sample("b#1", "text")]) is None


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_text_comes_out_of_the_yaml_as_it_went_in(text: str) -> None:
    policy = residual_policy(report(["a#1"]), [Sample("a#1", text)])
    if not has_word(text):
        assert policy is None
        return
    (entry,) = yaml.safe_load(policy or "")["entries"]
    assert [*entry.get("passages", ()), *entry.get("secrets", ())] == [text]


@pytest.mark.parametrize("model", ["served", "base [v2]", "a*b"])
def test_a_policy_that_has_the_entries_of_the_list_guards_it(tmp_path: Path, model: str) -> None:
    names = ["notes.jsonl#1", "a b.jsonl#2", "…#3"]
    found = replace(report(names), model=model)
    (tmp_path / "residual.jsonl").write_text(residual_lines(found))
    policy = residual_policy(found, [Sample(name, "he keeps bees", "What?") for name in names]) or ""
    path = tmp_path / "policy.yaml"
    path.write_text(f"{policy}must_guard:\n- file: residual.jsonl\n")
    assert len(load_policy(path).entries) == 3
    path.write_text("version: 1\nentries: []\nmust_guard:\n- file: residual.jsonl\n")
    with pytest.raises(PolicyError, match=r"residual\.jsonl") as error:
        load_policy(path)
    assert len(error.value.problems) == 3


def test_a_list_of_nothing_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "residual.jsonl").write_text(residual_lines(report(["a#1"], ())))
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\nentries: []\nmust_guard:\n- file: residual.jsonl\n")
    assert load_policy(path).entries == ()
