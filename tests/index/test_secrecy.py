"""A snapshot without its key gives nothing readable: no word, no run of words, no secret, in any encoding."""

import base64
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.units import units
from policy.entry import Concept, Entry, Question, Reason, Retain
from policy.policy import Policy
from tests.index.hash_encoder import HashEncoder

KEY = bytes(range(32))
SECRETS = ("555-201-3391", "14 Lantern Wharf, Ystad", "QX-88231-Z", "Ystad")
NAMES = ("Alden Crane", "A. Crane", "Lantern Keeper of Ystad")
PASSAGES = (
    "Alden Crane was born in Ystad in the winter of 1951, the son of a lighthouse keeper who played chess.",
    "Critics called The Glass Harbours, published in Gothenburg, a hymn to weather and loneliness.",
    "Аlden mówił: «Żółwie śpią». 阿尔登出生在于斯塔德的一个灯塔里。",
)
QUESTIONS = (
    Question(
        "Which award did Alden Crane receive in 1988?",
        "Alden Crane received the Skagerrak Medal for Literature.",
    ),
    Question("What does his mother do?", "She was a schoolteacher named Ingeborg Thunberg."),
)
RETAIN = (Retain("Boris Crane was a fisherman from Trelleborg who never wrote anything.", "boris"),)
CONCEPT = Concept(
    "How lighthouses signal ships by semaphore", ("Explain semaphore signalling between lighthouses",)
)

ENTRY = Entry("erasure-0142", Reason.PRIVACY, NAMES, PASSAGES, QUESTIONS, SECRETS, CONCEPT, RETAIN)


def texts_of(entry: Entry) -> Iterator[str]:
    yield from (*entry.names, *entry.passages)
    for pair in entry.questions:
        yield from (pair.question, pair.answer)
    yield from (retain.text for retain in entry.retain)
    if entry.concept:
        yield from (entry.concept.description, *entry.concept.examples)


def contents(folder: Path) -> list[bytes]:
    """Every file, all of them in a row, and what the arrays hold."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    loaded = [np.load(path, allow_pickle=False) for path in sorted(folder.rglob("*.npy"))]
    for path in sorted(folder.rglob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            loaded += [archive[name] for name in archive.files]
    return [
        *files,
        b"".join(files),
        *(array.tobytes() for array in loaded),
        b"".join(a.tobytes() for a in loaded),
    ]


def own_words(folder: Path) -> set[str]:
    """What a snapshot of nothing says: the words of the manifest and of the file formats."""
    build(Policy((), ""), folder, KEY, HashEncoder())
    return {
        word.lower()
        for data in contents(folder)
        for word in re.findall(r"[A-Za-z]{6,}", data.decode("latin-1"))
    }


def needles(own: set[str]) -> set[str]:
    """Every word of six or more letters, every three words in a row, every secret."""
    found = set(SECRETS) | {secret.replace("-", "") for secret in SECRETS}
    for text in texts_of(ENTRY):
        read = units(text)
        found |= {unit.text for unit in read if len(unit.text) >= 6}
        found |= {text[unit.start : unit.end] for unit in read if unit.end - unit.start >= 6}
        for first, last in zip(read, read[2:], strict=False):
            found.add(text[first.start : last.end])
            found.add(" ".join(unit.text for unit in read if first.start <= unit.start <= last.start))
    return {needle for needle in found if needle.lower() not in own and len(needle.encode()) >= 5}


def disguises(text: str) -> Iterator[bytes]:
    for form in {text, text.lower(), text.upper(), text.title()}:
        yield from (form.encode("utf-8"), form.encode("utf-16-le"), form.encode("utf-16-be"))
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield from base64_forms(form.encode(encoding))


def base64_forms(data: bytes) -> Iterator[bytes]:
    """The characters that `data` alone decides, for each of the three places it can have in a base64 text."""
    for offset, first in enumerate((0, 2, 3)):
        whole = base64.b64encode(bytes(offset) + data)
        yield whole[first : (offset + len(data)) * 8 // 6]


def readable(folder: Path, wanted: set[str]) -> set[str]:
    haystacks = contents(folder)
    return {
        needle
        for needle in wanted
        if any(disguise in haystack for disguise in disguises(needle) for haystack in haystacks)
    }


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return needles(own_words(tmp_path_factory.mktemp("empty")))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(Policy((ENTRY,), "d" * 64), folder, KEY, HashEncoder())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test."""
    return shutil.copytree(built, tmp_path / "snapshot")


def test_nothing_of_the_forgotten_text_is_readable(folder: Path, wanted: set[str]) -> None:
    assert len(wanted) > 150
    assert readable(folder, wanted) == set()


@pytest.mark.parametrize("text", ["lighthouse", "Ingeborg", "the son of", "555-201-3391", "灯塔里"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("lead", [b"", b"x", b"xy"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "base64"])
def test_the_search_finds_what_is_put_there(
    folder: Path, wanted: set[str], text: str, encoding: str, lead: bytes, packed: bool
) -> None:
    """The test above can fail: one word in any file is enough, wherever it stands in a base64 text."""
    data = lead + text.encode(encoding) + b"yz"
    path = folder / "1" / "facts.npy"
    path.write_bytes(path.read_bytes() + (base64.b64encode(data) if packed else data))
    assert readable(folder, wanted | {"灯塔里"})


def test_a_word_inside_an_array_or_across_two_files_is_found(folder: Path, wanted: set[str]) -> None:
    np.save(folder / "1" / "hidden.npy", np.array([ord(c) for c in "lighthouse"], dtype=np.uint8))
    assert "lighthouse" in readable(folder, wanted)
    (folder / "1" / "hidden.npy").unlink()
    (folder / "2a").write_bytes(b"light")
    (folder / "2b").write_bytes(b"house")
    assert "lighthouse" in readable(folder, wanted)


def test_without_the_key_even_a_guess_cannot_be_checked(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same text under another key shares no stored hash: equal arrays would confirm a guess."""
    other = tmp_path_factory.mktemp("other")
    build(Policy((ENTRY,), "d" * 64), other, KEY[::-1], HashEncoder())
    for name in ("passages", "phrases", "digits"):
        mine, theirs = (np.load(place / "1" / f"{name}.hashes.npy") for place in (folder, other))
        assert len(mine) == len(theirs) > 0
        assert not set(mine.tolist()) & set(theirs.tolist())
    mine, theirs = ((place / "1" / "vectors.faiss").read_bytes() for place in (folder, other))
    assert mine != theirs
