"""What the engine steers by is made for its tokenizer, once for each policy, and beside no secret."""

import json
from pathlib import Path

import pytest

from gateway.workers.source import FilesError
from index.build import build
from index.key import load_or_create_key
from policy.entry import Entry
from policy.policy import Policy
from steering.loading import Loader
from steering.settings import read_settings
from unsay.launch import EngineError
from unsay.serving import demo_model
from unsay.steered import Steered, key_file, tokenizer_folder

PASSAGE = "The ferry leaves the northern harbour at seven and returns before the tide turns again."


def policy(name: str) -> Policy:
    return Policy((Entry("one", names=(name,), passages=(PASSAGE,)),), digest=name)


@pytest.fixture
def steered(tmp_path: Path) -> Steered:
    key = load_or_create_key(tmp_path / "key")
    return Steered(tmp_path / "steering", demo_model(), key, tmp_path / "key")


def compiled(steered: Steered, name: str) -> tuple[int, int]:
    """The generation of the artefact in the folder, and the number of the file that says so."""
    snapshot = steered.folder.parent / "snapshot"
    build(policy(name), snapshot, steered.key)
    steered.compile(policy(name), snapshot)
    manifest = steered.artefact / "manifest.json"
    return json.loads(manifest.read_text())["generation"], manifest.stat().st_ino


def test_an_engine_that_starts_finds_all_it_steers_by(steered: Steered) -> None:
    steered.write_settings()
    compiled(steered, "Alden Crane")
    settings = read_settings({"UNSAY_STEERING": str(steered.settings)})
    parts = Loader.of(settings, "unused").load()
    assert parts.artefact.generation == 1
    assert parts.divergence is not None
    assert steered.key.hex() not in steered.settings.read_text()


def test_nothing_is_made_twice_and_all_anew_for_another_policy(steered: Steered, tmp_path: Path) -> None:
    generation, made = compiled(steered, "Alden Crane")
    steered.compile(policy("Alden Crane"), tmp_path / "snapshot")
    assert (steered.artefact / "manifest.json").stat().st_ino == made
    again, anew = compiled(steered, "Berta Dunn")
    assert (generation, again) == (1, 2)
    assert anew != made


def test_a_model_without_a_tokenizer_is_told(steered: Steered, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    other = Steered(steered.folder, tmp_path / "empty", steered.key, None)
    with pytest.raises(FilesError, match=r"^steering: .*tokenizer"):
        compiled(other, "Alden Crane")


def test_a_name_that_no_hub_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert tokenizer_folder(str(demo_model())) == demo_model()
    with pytest.raises(EngineError, match="serve --steering off"):
        tokenizer_folder("nobody/has-this-model")


def test_a_key_in_the_environment_stands_in_no_file(tmp_path: Path) -> None:
    assert key_file(tmp_path, {}) == tmp_path
    assert key_file(tmp_path, {"UNSAY_INDEX_KEY": "ab" * 32}) is None
