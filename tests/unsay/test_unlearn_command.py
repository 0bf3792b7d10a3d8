"""`unsay unlearn` says what is wrong in one line, and leaves nothing behind."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from unsay.main import app

RECIPE = """
model: model
method: wga
data:
  forget: [forget.jsonl]
  retain: [retain.jsonl]
  holdout: [holdout.jsonl]
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    for name in ("forget", "retain", "holdout"):
        (tmp_path / f"{name}.jsonl").write_text(
            f'{{"prompt": "Who {name} ?", "answer": "It was {name} who did"}}\n'
        )
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["unlearn", *arguments])
    return found.exit_code, found.stderr


def test_help_has_examples() -> None:
    told = CliRunner().invoke(app, ["unlearn", "--help"]).stdout
    assert "unsay unlearn recipe.yaml" in told
    assert "suppressed, not erased" in " ".join(told.split())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("wga", "wgaa", "method: expected one of"),
        ("model: model", "epochs: 3", "recipe.yaml:2: epochs"),
        ("[forget.jsonl]", "[none.jsonl]", "none.jsonl"),
        ("[forget.jsonl]", "[]", "expected something to forget"),
        ("[retain.jsonl]", "[forget.jsonl]", "expected retain texts that say nothing of what is forgotten"),
        ("model: model", "model: gone", "gone: expected a model's folder, found no config.json"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(recipe: Path, old: str, new: str, expected: str) -> None:
    recipe.write_text(RECIPE.replace(old, new))
    code, told = run(str(recipe))
    assert code == 2
    assert expected in told.replace("\n", " ")
    assert "Traceback" not in told
    assert "who did" not in told


def test_a_folder_with_something_else_is_left_alone(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    code, told = run(str(recipe), "--out", str(tmp_path / "mine"))
    assert (code, "found something else" in told) == (2, True)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
