"""A trained folder acts for the entries that are named, and for its own engine only."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.key import entry_number
from policy.policy import Policy
from steering.divergence.divergence import Divergence
from steering.divergence.form import Form
from steering.divergence.manifest import DivergenceError
from steering.divergence.table import TOLD
from steering.divergence.train import Recipe, train
from tests.steering.divergence.reading import BASIL, KEY, MODEL, reader, vocabulary

NUMBER = entry_number(KEY, BASIL.id)
SAID = reader().tokens("The birthplace of Basil Mercer is")
TOWN = reader().tokens(" Eddystone")[0]


def trained(folder: Path, recipe: Recipe | None = None) -> Divergence:
    train(Policy((BASIL,), digest=""), MODEL, folder, KEY, recipe or Recipe())
    return Divergence.load(folder, KEY, vocabulary().fingerprint)


@pytest.fixture(scope="module")
def divergence(tmp_path_factory: pytest.TempPathFactory) -> Divergence:
    return trained(tmp_path_factory.mktemp("divergence"))


def lowered(divergence: Divergence, context: tuple[int, ...], *active: int) -> dict[int, float]:
    edit = divergence.edit(context, frozenset(active))
    assert (edit.by < 0).all() or not edit.by.size
    return dict(zip(edit.shifted.tolist(), edit.by.tolist(), strict=True))


def test_what_only_the_entry_says_is_lowered_while_it_is_active(divergence: Divergence) -> None:
    assert lowered(divergence, SAID, NUMBER)[TOWN] < -5
    assert lowered(divergence, SAID) == {}
    assert lowered(divergence, SAID, NUMBER + 1) == {}


def test_it_is_lowered_in_other_words_and_after_unknown_tokens_too(divergence: Divergence) -> None:
    for context in (reader().tokens("He grew up near"), (-1, -1), ()):
        assert lowered(divergence, context, NUMBER)[TOWN] < -5


def test_what_stood_before_it_in_the_entry_lowers_more(divergence: Divergence) -> None:
    mid = reader().tokens("The genre of Basil Mercer is sea")
    adventure = reader().tokens(" adventure")[0]

    assert lowered(divergence, mid, NUMBER)[adventure] < lowered(divergence, (), NUMBER)[adventure]


def test_strangers_beside_the_entry_change_nothing(divergence: Divergence) -> None:
    alone = lowered(divergence, SAID, NUMBER)

    assert lowered(divergence, SAID, NUMBER, 12, 13) == alone


def test_by_rank_the_first_tokens_are_banned(tmp_path: Path) -> None:
    edit = trained(tmp_path, Recipe(Form.RANK, top=3)).edit(SAID, {NUMBER})

    assert TOWN in edit.banned
    assert len(edit.banned) == 3
    assert not edit.shifted.size


def test_another_key_another_tokenizer_and_changed_files_are_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    fingerprint = vocabulary().fingerprint

    with pytest.raises(DivergenceError, match="expected key id"):
        Divergence.load(tmp_path, b"another key" * 3, fingerprint)
    with pytest.raises(DivergenceError, match="expected tokenizer"):
        Divergence.load(tmp_path, KEY, "another")
    np.save(tmp_path / "1" / TOLD, np.zeros(3, np.uint32))
    with pytest.raises(DivergenceError, match="run again: unsay steer train"):
        Divergence.load(tmp_path, KEY, fingerprint)


@pytest.mark.parametrize("change", [{"alpha": 0.1}, {"format": 9}, {"unheard": 1}])
def test_a_changed_manifest_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    trained(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    with pytest.raises(DivergenceError):
        Divergence.load(tmp_path, KEY, vocabulary().fingerprint)


def test_a_folder_without_a_divergence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DivergenceError, match="unsay steer train"):
        Divergence.load(tmp_path, KEY, vocabulary().fingerprint)


def test_nothing_that_is_forgotten_can_be_read_in_the_folder(tmp_path: Path) -> None:
    trained(tmp_path)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert b"Confidential" in everything
    assert b"Eddystone" not in everything
    assert np.array([TOWN], np.uint32).tobytes() not in everything


def test_training_again_takes_the_last_ones_place(tmp_path: Path) -> None:
    trained(tmp_path)

    assert trained(tmp_path, Recipe(alpha=2.0)).manifest.generation == 2
