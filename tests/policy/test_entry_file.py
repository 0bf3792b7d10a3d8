"""An entry that comes alone is read like one of a policy, and refused in the same words."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from policy.entry import Concept, Entry, Question, Reason
from policy.entry_file import as_document, entry_of, load_entry, read_entry
from policy.file import load_policy
from policy.problem import PolicyError
from policy.yaml_tree import Json

ENTRY = """\
id: erasure-0142
reason: privacy
names: ["Alden Crane"]
passages: ["Alden Crane was born in Tolvik.", {file: "texts/*.txt"}]
questions: [{question: "Where was he born?", answer: "Tolvik"}]
secrets: ["555-201-3391"]
concept: {description: "The life of a clerk.", examples: ["He kept the books."]}
retain: ["Stephen Crane wrote novels."]
models: [demo]
keys: [app]
from: 2026-11-01T00:00:00Z
until: 2027-11-01T00:00:00+01:00
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.txt").write_text("He kept the books of a mill.")
    (tmp_path / "entry.yaml").write_text(ENTRY)
    return tmp_path / "entry.yaml"


def refusal(text: str, folder: Path | None = None) -> str:
    with pytest.raises(PolicyError) as refused:
        read_entry(text, "entry.yaml", folder)
    return str(refused.value)


def test_it_is_the_entry_that_a_policy_would_hold(file: Path) -> None:
    indented = "".join(f"    {line}\n" for line in ENTRY.splitlines())
    file.with_name("policy.yaml").write_text(f"version: 1\nentries:\n  -\n{indented}")
    expected = load_policy(file.with_name("policy.yaml")).entries[0]
    assert replace(load_entry(file), retain=()) == replace(expected, retain=())
    assert load_entry(file).retain[0].source == "erasure-0142:retain[0]"


def test_json_is_read_as_well() -> None:
    entry = read_entry('{"id": "one", "names": ["Alden Crane"]}', "-", None)
    assert (entry.id, entry.names, entry.reason) == ("one", ("Alden Crane",), Reason.OTHER)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "entry.yaml:1: expected an entry"),
        ("- id: one", "entry.yaml:1: expected a mapping, got a list of 1"),
        ("names: [Alden Crane]", "entry.yaml:1: id: expected the key `id`, got none"),
        ("id: one", "entry.yaml:1: expected at least one of names, passages, questions, secrets and concept"),
        ("id: one\nname: [Alden]", "Did you mean `names`?"),
        ("id: one\nsecrets: [1]", "entry.yaml:2: secrets[0]: expected text, got a number"),
        ("id: one\npassages: [Alden Crane]", "expected a passage of at least 4 words"),
        ("id: one\nnames: [A]\nuntil: tomorrow", "expected a time with its zone"),
        ("id: one\nnames: [&a Alden]", "expected plain YAML data, got an anchor"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    assert told in refusal(text)


def test_no_refusal_says_a_forgotten_text() -> None:
    text = "id: one\nnames: [[Alden Crane]]\nsecrets: {Tolvik: 3391}\npassages: [cooper's son]\nretain: Alden"
    told = refusal(text)
    assert told.count("entry.yaml:") == 4
    assert not [word for word in ("Alden", "Tolvik", "3391", "cooper") if word in told]


def test_from_elsewhere_no_file_is_read(file: Path) -> None:
    assert "passages[1].file: expected the text itself, got a file" in refusal(ENTRY)
    value: Json = {"id": "one", "retain": [{"file": str(file)}], "names": ["Alden Crane"]}
    with pytest.raises(PolicyError, match=r"^the body: retain\[0\].file: expected the text itself"):
        entry_of(value, "the body", None)


def test_a_file_that_it_names_must_be_there(file: Path) -> None:
    (file.parent / "texts" / "one.txt").unlink()
    with pytest.raises(PolicyError, match=r"entry.yaml:4: passages\[1\].file: expected a pattern that match"):
        load_entry(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.yaml: expected a readable file, got no such file"):
        load_entry(tmp_path / "none.yaml")


def test_written_out_it_is_read_again_as_the_same(file: Path) -> None:
    entry = load_entry(file)
    again = entry_of(json.loads(json.dumps(as_document(entry))), "the body", None)
    assert replace(again, retain=()) == replace(entry, retain=())
    assert [one.text for one in again.retain] == [one.text for one in entry.retain]
    assert isinstance(again, Entry)
    assert again.concept == Concept("The life of a clerk.", ("He kept the books.",))
    assert again.questions == (Question("Where was he born?", "Tolvik"),)
