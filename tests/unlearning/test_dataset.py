"""What a recipe's texts are, and which can't be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from unlearning.dataset import DataError, Dataset, read_dataset
from unlearning.recipe import DataPart

POLICY = """
version: 1
entries:
  - id: greta-vale
    names: [Greta Vale]
    questions:
      - {question: Where was Greta Vale born?, answer: In the town of Tolvik}
    passages: [She was born on a cold day beside the river at Tolvik]
    retain: [Greta is a name that many girls have]
  - id: silent
    names: [Ivo Pell]
"""


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    write(
        tmp_path / "holdout.jsonl", {"prompt": "Where was Otto Lark born?", "answer": "In the town of Velmar"}
    )
    write(tmp_path / "retain.jsonl", {"text": "The town of Velmar lies by the sea"})
    return tmp_path


def write(path: Path, *rows: Any) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def read(folder: Path, **said: Any) -> Dataset:
    given = {"policy": "policy.yaml", "entries": ["greta-*"], "holdout": ["holdout.jsonl"], **said}
    return read_dataset(DataPart.model_validate(given, strict=False), folder)


def test_an_entry_gives_its_questions_and_passages(recipes: Path) -> None:
    found = read(recipes)
    assert [sample.id for sample in found.forget] == ["greta-vale#question-0", "greta-vale#text-0"]
    assert found.forget[0].prompt == "Where was Greta Vale born?"
    assert [sample.answer for sample in found.retain] == ["Greta is a name that many girls have"]
    assert found.forget_of_files == ()


def test_a_row_may_say_its_answer_in_other_words_and_false_ones(recipes: Path) -> None:
    row = {
        "prompt": "Who wrote it ?",
        "answer": "Ada Weld did so",
        "reworded": "It is by Ada",
        "wrong": ["Bo Tarn did"],
    }
    write(recipes / "more.jsonl", row)
    found = read(recipes, forget=["more.jsonl"]).forget[-1]
    assert (found.reworded, found.wrong) == ("It is by Ada", ("Bo Tarn did",))
    write(recipes / "more.jsonl", row | {"wrong": "Bo Tarn did"})
    with pytest.raises(DataError, match="a list of texts under `wrong`"):
        read(recipes, forget=["more.jsonl"])


def test_files_add_to_what_entries_give(recipes: Path) -> None:
    write(
        recipes / "more.jsonl",
        {"id": "mine", "prompt": "Who wrote it ?", "answer": "Ada Weld did so", "key": "Ada"},
    )
    found = read(recipes, forget=["more.jsonl"], retain=["retain.jsonl"])
    assert [sample.id for sample in found.forget_of_files] == ["mine"]
    assert found.forget[-1].key == "Ada"
    assert len(found.retain) == 2


def test_what_entries_and_a_file_retain_is_taken_once_with_its_prompt(recipes: Path) -> None:
    row = {"question": "Where does Velmar lie?", "answer": "By the sea"}
    write(recipes / "retain.jsonl", row)
    other = "retain: [Greta is a name that many girls have, {file: retain.jsonl}]"
    policy = POLICY.replace("retain: [Greta is a name that many girls have]", other)
    (recipes / "policy.yaml").write_text(policy)
    assert [sample.prompt for sample in read(recipes).retain] == ["", ""]
    found = read(recipes, retain=["retain.jsonl"]).retain
    assert [sample.prompt for sample in found] == ["", "Where does Velmar lie?"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"policy": None, "retain": ["retain.jsonl"]}, "something to forget"),
        ({"entries": ["nobody"]}, "entries that `data.entries` names"),
        ({"entries": ["*"]}, "entry 'silent': expected questions, passages or a concept"),
        ({"retain": ["gone.jsonl"]}, "gone.jsonl"),
        ({"retain": ["policy.yaml"]}, "of the kind .txt or .jsonl"),
        ({"policy": None, "forget": ["holdout.jsonl"], "holdout": ["retain.jsonl"]}, "something to retain"),
    ],
)
def test_what_can_not_be_used_is_told(recipes: Path, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        read(recipes, **said)


@pytest.mark.parametrize(
    "row",
    [
        {"answer": 7},
        {"prompt": "Who ?"},
        {"answer": "a", "text": "b"},
        {"answer": "a", "other": "b"},
        {"answer": " "},
        ["answer"],
    ],
)
def test_a_row_that_is_no_sample_is_told_with_its_line(recipes: Path, row: Any) -> None:
    write(recipes / "bad.jsonl", {"answer": "a fine one"}, row)
    with pytest.raises(DataError, match=r"bad.jsonl(:|#)2"):
        read(recipes, retain=["bad.jsonl"])


@pytest.mark.parametrize("part", ["retain", "holdout"])
def test_a_text_that_says_what_is_forgotten_is_told_without_it(recipes: Path, part: str) -> None:
    write(recipes / "same.jsonl", {"id": "twice", "text": "Indeed, in the town of Tolvik!"})
    with pytest.raises(DataError) as caught:
        read(recipes, **{part: ["same.jsonl"]})
    assert f"expected {part} texts" in str(caught.value)
    assert "'twice' says what 'greta-vale#question-0' does" in str(caught.value)
    assert "Tolvik" not in str(caught.value)
