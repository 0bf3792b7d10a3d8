"""What is to be forgotten comes from a file, from standard input or from options, and is checked alike."""

import io
import sys
from pathlib import Path

import pytest

from policy.problem import PolicyError
from unsay.forget_entry import EntryError, Flags, document

FLAGS = Flags(
    id="erasure-0142",
    reason="privacy",
    names=["Alden Crane"],
    questions=["Where was he born?"],
    answers=["In Tolvik."],
    secrets=["555-201-3391"],
    models=["demo"],
    start="2026-11-01T00:00:00Z",
)


def test_options_say_what_a_file_would(tmp_path: Path) -> None:
    (tmp_path / "entry.yaml").write_text(
        "{id: erasure-0142, reason: privacy, names: [Alden Crane], secrets: [555-201-3391], models: [demo], "
        "questions: [{question: Where was he born?, answer: In Tolvik.}], from: 2026-11-01T00:00:00Z}"
    )
    assert document(None, FLAGS) == document(str(tmp_path / "entry.yaml"), Flags())


def test_files_that_options_name_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.txt").write_text("Alden Crane was born in Tolvik.")
    (tmp_path / "near.txt").write_text("Stephen Crane wrote novels.")
    said = document(None, Flags(id="one", passage_files=["*ne.txt"], retain_files=["near.txt"]))
    assert (said["passages"], said["retain"]) == (
        ["Alden Crane was born in Tolvik."],
        ["Stephen Crane wrote novels."],
    )


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{id: one, names: [Alden Crane]}")))
    assert document("-", Flags())["names"] == ["Alden Crane"]


@pytest.mark.parametrize("data", [b"\xff", b"", b"names: [Alden Crane]", b"id: one\nname: [Alden Crane]"])
def test_a_bad_standard_input_is_told_and_not_shown(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises((EntryError, PolicyError), match=r"^standard input:") as refused:
        document("-", Flags())
    assert "Alden" not in str(refused.value)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (Flags(), "expected an entry: a file"),
        (Flags(questions=["Where?"]), "expected an --answer for each of 1 questions, found 0"),
        (Flags(id="one"), "the options: expected at least one of names"),
        (Flags(names=["Alden Crane"]), "the options: id: expected the key `id`"),
        (
            Flags(id="one", names=["Alden Crane"], end="soon"),
            "the options: until: expected a time with its zone",
        ),
        (
            Flags(id="one", passage_files=["none/*.txt"]),
            r"passages\[0\].file: expected a pattern that matches",
        ),
    ],
)
def test_bad_options_are_told(flags: Flags, told: str) -> None:
    with pytest.raises((EntryError, PolicyError), match=told) as refused:
        document(None, flags)
    assert "Alden" not in str(refused.value)


def test_an_entry_comes_from_one_place(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match="found both: id, reason"):
        document(str(tmp_path / "entry.yaml"), FLAGS)
