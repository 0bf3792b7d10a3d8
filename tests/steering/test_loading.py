"""What steers is read whole or the engine does not start, and is read again when it changes."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from index.key import load_or_create_key
from policy.entry import Entry
from policy.policy import Policy
from steering.artefact import ArtefactError
from steering.compile import build
from steering.divergence.manifest import DivergenceError
from steering.divergence.train import Recipe, train
from steering.loading import Loader, load_steerer
from steering.settings import Settings, SettingsError
from steering.steerer import STRICT, Steerer
from steering.vocabulary import Vocabulary

MODEL = Path(__file__).parents[2] / "evaluation" / "demo_model"
PASSAGE = "The ferry leaves the northern harbour at seven and returns before the tide turns again."


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(MODEL)


@pytest.fixture
def settings(tmp_path: Path, vocabulary: Vocabulary) -> Settings:
    load_or_create_key(tmp_path / "key")
    settings = Settings(artefact=tmp_path / "artefact", key=tmp_path / "key")
    publish(settings, vocabulary, 1, "Alden Crane")
    return settings


def publish(settings: Settings, vocabulary: Vocabulary, generation: int, name: str) -> None:
    build(policy_of(name), settings.artefact, settings.read_key(), vocabulary, generation)


def policy_of(name: str) -> Policy:
    return Policy(entries=(Entry(id="one", names=(name,), passages=(PASSAGE,)),), digest=name)


def train_for(settings: Settings, name: str) -> Settings:
    """The same with a divergence, of the policy in which this name is to be forgotten."""
    folder = settings.artefact.parent / "divergence"
    train(policy_of(name), MODEL, folder, settings.read_key(), Recipe())
    return settings.model_copy(update={"divergence": folder})


def config(ranks: int = 1, width: int = 2048) -> Any:
    """Of an engine, what is read of it."""
    return SimpleNamespace(
        model_config=SimpleNamespace(tokenizer=str(MODEL), get_vocab_size=lambda: width),
        parallel_config=SimpleNamespace(tensor_parallel_size=ranks),
    )


def bans_of(steerer: Steerer, text: str, vocabulary: Vocabulary) -> set[bytes]:
    """What may not follow the text."""
    by_piece = {piece: number for number, piece in enumerate(vocabulary.pieces)}
    row = steerer.row(STRICT)
    row.push([by_piece[bytes([byte])] for byte in text.encode()])
    edit = row.edit()
    assert edit is not None
    return {vocabulary.pieces[number] for number in edit.banned.tolist()}


def test_the_last_word_of_a_window_is_banned(settings: Settings, vocabulary: Vocabulary) -> None:
    steerer = load_steerer(settings, config())
    begun = " ".join(PASSAGE.split()[:7])
    assert b" seven" in bans_of(steerer, begun, vocabulary)
    assert b" seven" not in bans_of(steerer, begun.replace("ferry", "train"), vocabulary)


def test_the_ends_are_those_of_the_model_and_pinned(settings: Settings, vocabulary: Vocabulary) -> None:
    rule = load_steerer(settings, config()).rule
    assert set(rule.ends) == vocabulary.ends
    assert set(rule.pinned) == vocabulary.special | vocabulary.ends


def test_ids_that_the_model_has_not_got_are_left_out(settings: Settings) -> None:
    assert load_steerer(settings, config(width=4)).rule.pinned == (0, 1, 2, 3)
    with pytest.raises(SettingsError, match="expected a token that ends an answer"):
        load_steerer(settings, config(width=2))


def test_a_new_artefact_is_in_force_without_another_start(settings: Settings, vocabulary: Vocabulary) -> None:
    loader = Loader.of(settings, str(MODEL))
    seen = loader.look()
    publish(settings, vocabulary, 2, "Berta Dunn")
    assert loader.look() != seen
    assert loader.load().artefact.generation == 2


def test_an_engine_of_several_processes_takes_nothing_while_it_runs(
    settings: Settings, vocabulary: Vocabulary
) -> None:
    steerer = load_steerer(settings, config(ranks=2))
    publish(settings, vocabulary, 2, "Berta Dunn")
    steerer.renew([])
    assert steerer.version == 0


def test_the_artefact_of_another_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    load_or_create_key(tmp_path / "other")
    with pytest.raises(ArtefactError, match="key id"):
        load_steerer(settings.model_copy(update={"key": tmp_path / "other"}), config())


def test_the_artefact_of_another_tokenizer_is_refused(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "model"
    other.mkdir()
    words = json.loads((MODEL / "tokenizer.json").read_text())
    words["added_tokens"].append({**words["added_tokens"][0], "id": 2048, "content": "<|other|>"})
    (other / "tokenizer.json").write_text(json.dumps(words))
    (other / "config.json").write_text((MODEL / "config.json").read_text())
    with pytest.raises(ArtefactError, match="tokenizer"):
        load_steerer(settings.model_copy(update={"tokenizer": other}), config())


def test_without_a_folder_of_the_tokenizer_the_settings_must_name_one(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="name it in the settings"):
        Loader.of(settings, "some/model-on-the-hub")


def test_an_engine_does_not_start_with_the_divergence_of_another_policy(settings: Settings) -> None:
    own, others = (train_for(settings, name) for name in ("Alden Crane", "Berta Dunn"))
    assert own == others
    with pytest.raises(DivergenceError, match="expected the divergence of the artefact's policy"):
        load_steerer(others, config())


def test_beside_a_new_artefact_the_old_divergence_is_left_out_until_the_new_one_is_there(
    settings: Settings, vocabulary: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    both = train_for(settings, "Alden Crane")
    loader = Loader.of(both, str(MODEL))
    assert loader.load().divergence is not None
    publish(settings, vocabulary, 2, "Berta Dunn")
    parts = loader.newest()
    assert (parts.artefact.generation, parts.divergence) == (2, None)
    assert "of another policy" in caplog.text
    train_for(settings, "Berta Dunn")
    assert loader.newest().divergence is not None
