"""Passages that stay in their files are the same ones, and a changed file is refused."""

import json
from pathlib import Path

import pytest

from policy.file import load_policy
from policy.problem import PolicyError

TEXTS = [
    f"In the winter of {year} the keeper's son \u201csaw\u201d seven herons." for year in range(1900, 1950)
]
POLICY = """version: 1
entries:
  - id: e
    passages: [first of all comes this one, {file: "some*.jsonl"}, {file: one.txt}]
  - id: f
    names: [Alden Crane]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = [json.dumps(text) if place % 2 else json.dumps({"text": text}) for place, text in enumerate(TEXTS)]
    (tmp_path / "some-1.jsonl").write_text("\n".join(rows[:20]) + "\n", encoding="utf-8")
    (tmp_path / "some-2.jsonl").write_text("\n\n".join(rows[20:]), encoding="utf-8")
    (tmp_path / "one.txt").write_text("  a text of\nsome lines \n", encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return tmp_path / "policy.yaml"


def test_what_stays_in_files_is_what_is_read_at_once(path: Path) -> None:
    at_once, apart = load_policy(path), load_policy(path, apart=True)
    assert apart.digest == at_once.digest
    for one, other in zip(at_once.entries, apart.entries, strict=True):
        assert list(other.passages) == list(one.passages)


@pytest.mark.parametrize(("first", "last"), [(0, 3), (15, 35), (40, 99), (7, 7), (-3, 60), (51, 52)])
def test_a_slice_is_that_of_all(path: Path, first: int, last: int) -> None:
    whole, passages = load_policy(path).entries[0].passages, load_policy(path, apart=True).entries[0].passages
    assert passages[first:last] == whole[first:last]


def test_single_ones_are_counted_from_both_ends(path: Path) -> None:
    passages = load_policy(path, apart=True).entries[0].passages
    assert len(passages) == len(TEXTS) + 2
    assert (passages[0], passages[1], passages[-1]) == (
        "first of all comes this one", TEXTS[0], load_policy(path).entries[0].passages[-1],
    )  # fmt: skip
    with pytest.raises(IndexError):
        passages[len(passages)]


@pytest.mark.parametrize(
    "text", ['"another text of many words"\n', "", "no json\n"], ids=["others", "empty", "broken"]
)
def test_a_file_that_changed_since_is_refused_and_not_quoted(path: Path, text: str) -> None:
    passages = load_policy(path, apart=True).entries[0].passages
    (path.parent / "some-2.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=r"some-2\.jsonl") as caught:
        list(passages)
    assert "herons" not in str(caught.value)


def test_a_file_that_is_gone_since_is_named(path: Path) -> None:
    passages = load_policy(path, apart=True).entries[0].passages
    (path.parent / "some-1.jsonl").unlink()
    with pytest.raises(PolicyError, match=r"some-1\.jsonl: expected a readable file"):
        passages[1]
