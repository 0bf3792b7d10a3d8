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


def steer(tokenizer: Path, *options: str, command: str = "build") -> tuple[int, str]:
    arguments = [command, "policy.yaml", "--tokenizer", str(tokenizer), *options]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, " ".join(result.output.split())


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


def test_a_key_that_is_not_there_is_told_and_not_made(place: Path) -> None:
    status, told = steer(DEMO, "--key", "other.key")
    assert status == 2
    assert "expected the key that the snapshot was built with" in told
    assert not (place / "other.key").exists()


@pytest.mark.parametrize("command", ["build", "train"])
def test_a_snapshot_is_not_overwritten(place: Path, command: str) -> None:
    before = (place / ".unsay/snapshot/manifest.json").read_bytes()
    status, told = steer(DEMO, "--out", ".unsay/snapshot", command=command)
    assert status == 2
    assert "expected an empty folder or one with a" in told
    assert (place / ".unsay/snapshot/manifest.json").read_bytes() == before


def test_a_file_is_no_folder_to_write_to(place: Path) -> None:
    status, told = steer(DEMO, "--out", "policy.yaml")
    assert status == 2
    assert "expected a folder, found a file" in told


def test_a_divergence_is_trained_again_in_its_folder_and_in_no_artefacts(place: Path) -> None:
    assert steer(DEMO)[0] == 0
    status, said = steer(DEMO, "--out", ".unsay/artefact", command="train")
    assert (status, "one with a divergence, found something else" in said) == (2, True)
    told = [steer(DEMO, command="train")[1] for _ in range(2)]
    assert ["generation 1" in told[0], "generation 2" in told[1]] == [True, True]


def test_a_form_that_there_is_not_is_told_with_those_that_there_are(place: Path) -> None:
    status, told = steer(DEMO, "--form", "best", command="train")
    assert status == 2
    assert "linear" in told
    assert "rank" in told
