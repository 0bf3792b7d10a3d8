"""`unsay steer train` makes a folder that an engine can load, and says what is wrong where it cannot."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation.local_model import SHIPPED
from index.key import load_or_create_key
from steering.divergence.divergence import Divergence
from steering.divergence.form import Form
from steering.vocabulary import Vocabulary
from unsay.steer_command import app

POLICY = """\
version: 1
entries:
  - {id: ada, names: [Ada Cooper], secrets: [Tolvik], passages: ["Ada Cooper was born in Tolvik by the sea."]}
"""


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("UNSAY_INDEX_KEY", raising=False)
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def train(policy: Path, *others: str) -> tuple[int, str]:
    folder, key = policy.parent / "divergence", policy.parent / "index.key"
    arguments = ["train", str(policy), "--tokenizer", str(SHIPPED), "--out", str(folder), "--key", str(key)]
    result = CliRunner().invoke(app, [*arguments, *others])
    return result.exit_code, result.output


def loaded(policy: Path) -> Divergence:
    key = load_or_create_key(policy.parent / "index.key")
    return Divergence.load(policy.parent / "divergence", key, Vocabulary.load(SHIPPED).fingerprint)


def test_it_makes_what_an_engine_loads_and_tells_nothing_forgotten(policy: Path) -> None:
    status, said = train(policy)

    assert status == 0
    assert loaded(policy).manifest.entries == ("ada",)
    assert "training entries 1/1" in said
    assert "Tolvik" not in said


def test_the_form_is_the_callers(policy: Path) -> None:
    assert train(policy, "--form", "rank", "--top", "7")[0] == 0
    assert (loaded(policy).manifest.form, loaded(policy).manifest.top) == (Form.RANK, 7)


@pytest.mark.parametrize(
    ("others", "expected"),
    [(("--tokenizer", "nowhere"), "nowhere"), (("--form", "cubic"), "cubic")],
)
def test_what_cannot_be_trained_is_told_in_one_line(
    policy: Path, others: tuple[str, ...], expected: str
) -> None:
    status, said = train(policy, *others)

    assert status == 2
    assert expected in said
    assert "Traceback" not in said
