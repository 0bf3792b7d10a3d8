"""An artefact belongs to one tokenizer, key and generation, is secret without the key, and stays small."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.key import entry_number
from index.passage import BuildError
from policy.entry import Entry
from policy.policy import Policy, Verbatim
from steering.artefact import Artefact, ArtefactError, is_stale
from steering.compile import build
from steering.manifest import read_manifest
from steering.vocabulary import Vocabulary

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
PASSAGE = "Alden Crane was born in Ystad in the winter of 1951, the third son of a lighthouse keeper there."
CRANE = Entry("e-1", names=("Alden Crane",), secrets=("Brightwater", "555-201-3391"), passages=(PASSAGE,))
POLICY = Policy((CRANE,), "d" * 64)
KNOWN = Vocabulary((b"", *(bytes([byte]) for byte in range(256))), frozenset({0}), frozenset({0}))
OTHER = Vocabulary((*KNOWN.pieces, b"more"), frozenset({0}), frozenset({0}))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    build(POLICY, tmp_path, KEY, KNOWN, 7)
    return tmp_path


def test_it_goes_with_a_generation_of_the_snapshot_and_numbers_entries_as_it_does(made: Path) -> None:
    artefact = Artefact.load(made, KEY, KNOWN)
    assert artefact.generation == 7
    assert artefact.book.numbers == (entry_number(KEY, "e-1"),)


def _changed_file(folder: Path) -> None:
    path = next(folder.glob("1/*.rows.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")


def _changed_manifest(folder: Path) -> None:
    found = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(found | {"generation": 8}))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (_changed_file, "SHA-256"),
        (_changed_manifest, "it was changed after it was made"),
        (lambda folder: (folder / "manifest.json").unlink(), "expected a manifest"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "not a manifest"),
        (lambda folder: (folder / "1" / "words.rows.npy").unlink(), "missing"),
        (lambda folder: (folder / "1" / "stray.npy").write_bytes(b""), "not among the files"),
    ],
)
def test_what_was_changed_is_refused(made: Path, spoil: Callable[[Path], object], fault: str) -> None:
    spoil(made)
    with pytest.raises(ArtefactError, match=f"(?s){fault}.*unsay steer build"):
        Artefact.load(made, KEY, KNOWN)


def test_another_tokenizer_or_key_is_refused(made: Path) -> None:
    with pytest.raises(ArtefactError, match="expected tokenizer"):
        Artefact.load(made, KEY, OTHER)
    with pytest.raises(ArtefactError, match="expected key id"):
        Artefact.load(made, OTHER_KEY, KNOWN)


@pytest.mark.parametrize(
    ("policy", "key", "vocabulary", "generation", "stale"),
    [
        (POLICY, KEY, KNOWN, 7, False),
        (POLICY, KEY, KNOWN, 8, True),
        (POLICY, KEY, OTHER, 7, True),
        (POLICY, OTHER_KEY, KNOWN, 7, True),
        (replace(POLICY, entries=(replace(CRANE, id="other"),)), KEY, KNOWN, 7, True),
    ],
)
def test_it_is_stale_for_anything_else(
    made: Path, policy: Policy, key: bytes, vocabulary: Vocabulary, generation: int, stale: bool
) -> None:
    assert is_stale(made, policy, key, vocabulary, generation) is stale


def test_where_there_is_none_it_is_stale(tmp_path: Path) -> None:
    assert is_stale(tmp_path, POLICY, KEY, KNOWN, 1)


def test_a_new_one_takes_the_place_of_the_old(made: Path) -> None:
    build(POLICY, made, KEY, KNOWN, 8)
    assert Artefact.load(made, KEY, KNOWN).generation == 8


def test_nothing_forgotten_can_be_read_in_it(made: Path) -> None:
    written = b"".join(path.read_bytes() for path in made.rglob("*") if path.is_file()).lower()
    for word in re.findall(r"\w{4,}", f"{PASSAGE} Brightwater 555-201-3391 5552013391"):
        assert word.lower().encode() not in written
        assert word.lower().encode("utf-16-le") not in written


def test_with_another_key_all_numbers_are_others(
    made: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A row that were not masked would be the same under every key."""
    other = tmp_path_factory.mktemp("other")
    build(POLICY, other, OTHER_KEY, KNOWN, 7)
    for name in ("words.rows.npy", "window8.rows.npy", "figures.rows.npy"):
        one, two = (set(np.load(folder / "1" / name).ravel().tolist()) for folder in (made, other))
        assert one & two == set()


def test_a_window_takes_no_more_than_its_share(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    words = [" ".join(f"w{number}" for number in chance.integers(0, 5000, 1007)) for _ in range(20)]
    policy = Policy((Entry("text", passages=tuple(words)),), "d" * 64, verbatim=Verbatim(8, 2))
    build(policy, tmp_path, KEY, KNOWN, 1)
    arrays = tmp_path / str(read_manifest(tmp_path).number)
    assert sum(path.stat().st_size for path in arrays.iterdir()) / 20_000 <= 64


def test_a_passage_too_short_for_a_window_is_refused(tmp_path: Path) -> None:
    short = replace(POLICY, entries=(replace(CRANE, passages=("far too short",)),))
    with pytest.raises(BuildError, match="entry e-1: passage 1 has 3 words"):
        build(short, tmp_path, KEY, KNOWN, 1)
    assert list(tmp_path.iterdir()) == []


def test_what_the_engine_loads_brings_no_framework_along() -> None:
    """Inside the engine nothing of the web may be imported, and elsewhere no torch."""
    heavy = ("torch", "transformers", "vllm", "fastapi", "aiohttp")
    code = f"import sys, steering.artefact; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
