"""What must stay guarded: every item that came back, as lines and as a policy that loads."""

import json
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from policy.file import load_policy
from unlearning.report.item import Item, Way
from unlearning.report.report import Report
from unlearning.report.residual import residual_lines, residual_policy
from unlearning.samples import Sample

NAMES = st.text(min_size=1, max_size=12)


def report(names: list[str], ways: tuple[Way, ...] = (Way.TAUGHT,)) -> Report:
    items = tuple(Item(name, True, ways, (1.0, 0.0), (1.0, 0.0)) for name in names)
    return Report("served", "npo", items, (), {})


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_there_is_one_line_for_each_item_that_came_back(names: list[str]) -> None:
    lines = [json.loads(line) for line in residual_lines(report(names)).splitlines()]
    assert [line["item"] for line in lines] == names
    assert all(line["model"] == "served" and line["ways"] == ["taught"] for line in lines)
    assert residual_lines(report(names, ())) == ""


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


def test_where_no_file_gave_anything_there_is_no_policy() -> None:
    assert residual_policy(report(["a#1"]), []) is None
    assert residual_policy(report(["a#1"]), [Sample("b#1", "text")]) is None


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_text_comes_out_of_the_yaml_as_it_went_in(text: str) -> None:
    policy = residual_policy(report(["a#1"]), [Sample("a#1", text)])
    (entry,) = yaml.safe_load(policy or "")["entries"]
    assert [*entry.get("passages", ()), *entry.get("secrets", ())] == [text]
