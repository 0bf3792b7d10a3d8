"""`unsay steer build` makes what an engine steers by, and refuses what does not go together."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from index.build import build
from index.key import load_or_create_key
from policy.file import load_policy
from steering.artefact import Artefact
from steering.vocabulary import Vocabulary
from unsay.steer_command import app

DEMO = Path("evaluation/demo_model").resolve()


def write_policy(folder: Path, name: str) -> None:
    entry = {"id": "crane", "names": [name], "secrets": ["555-201-3391"]}
    (folder / "policy.yaml").write_text(json.dumps({"version": 1, "entries": [entry]}))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy and its snapshot."""
    monkeypatch.delenv("UNSAY_INDEX_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    write_policy(tmp_path, "Alden Crane")
    build(
        load_policy(Path("policy.yaml")),
        Path(".unsay/snapshot"),
        load_or_create_key(Path(".unsay/index.key")),
    )
    return tmp_path


def steer(tokenizer: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["build", "policy.yaml", "--tokenizer", str(tokenizer)])
    return result.exit_code, result.output


def test_it_makes_the_artefact_of_the_snapshot(place: Path) -> None:
    status, told = steer(DEMO)
    assert status == 0
    assert "Crane" not in told
    key = load_or_create_key(Path(".unsay/index.key"))
    assert Artefact.load(Path(".unsay/artefact"), key, Vocabulary.load(DEMO)).generation == 1


def test_another_policys_snapshot_is_refused(place: Path) -> None:
    write_policy(place, "Beryl Marsh")
    status, told = steer(DEMO)
    assert status != 0
    assert "expected the snapshot of this policy" in told


def test_a_folder_without_a_tokenizer_is_refused(place: Path) -> None:
    status, told = steer(place)
    assert status != 0
    assert "expected a tokenizer.json there, found none" in told
