"""The committed JSON schema is the models', and agrees with the loader."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from policy.document import PolicyDocument
from policy.schema import PLACE, schema_text

# The example of the issue that asked for policy files; its keys stay as they are.
EXAMPLE = """\
version: 1
entries:
  - id: erasure-0142
    reason: privacy
    names: ["Alden Crane", "A. Crane"]
    passages: ["text of four words", {file: "sources/*.txt"}]
    questions: [{question: "q", answer: "a"}, {file: "qa.jsonl"}]
    secrets: ["555-201-3391"]
    concept: {description: "d", examples: ["x"]}
    retain: ["near miss that must keep working", {file: "near.jsonl"}]
    models: ["*"]
    from: "2026-11-01T00:00:00Z"
rules:
  - when: {reason: privacy}
    prompt: refuse
    answer: redact
detectors: {verbatim: {window: 8, reveal: 2}, semantic: {false_positive_rate: 0.001}}
notice: "I don't have any information about that."
on_error: closed
"""
OLD_AND_NEW = [
    ("version: 1", "version: 2"),
    ("reason: privacy\n", "reason: privat\n"),
    ("names:", "nmes:"),
    ("id: erasure-0142", "id: erasure 0142"),
    ('"555-201-3391"', "5552013391"),
    ('"555-201-3391"', '""'),
    (', answer: "a"', ""),
    ('description: "d", ', ""),
    ('models: ["*"]', "models: []"),
    ("prompt: refuse", "prompt: rewrite"),
    ("prompt: refuse", "prompt: {user: rewrite}"),
    ("prompt: refuse", "prompt: {usr: allow}"),
    ("answer: redact", "answer: block"),
    ("- when: {reason: privacy}\n    prompt", "- prompt"),
    ("window: 8", "window: 3"),
    ("window: 8", "window: 33"),
    ("reveal: 2", "reveal: -1"),
    ("0.001", "0"),
    ("0.001", "0.2"),
    ("on_error: closed", "on_error: maybe"),
    ("on_error: closed", "on_eror: closed"),
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(PLACE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def data(text: str) -> Any:
    return yaml.safe_load(text)


def loads(text: str) -> bool:
    try:
        PolicyDocument.model_validate_json(json.dumps(data(text)))
    except ValueError:
        return False
    return True


def test_the_committed_schema_is_the_models() -> None:
    """Mend a failure by `python -m policy.schema`."""
    assert PLACE.read_text(encoding="utf-8") == schema_text()


def test_the_example_is_valid_by_schema_and_by_model(validator: Draft202012Validator) -> None:
    validator.validate(data(EXAMPLE))
    assert loads(EXAMPLE)


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
def test_what_the_model_refuses_the_schema_refuses(
    validator: Draft202012Validator, old: str, new: str
) -> None:
    assert old in EXAMPLE
    broken = EXAMPLE.replace(old, new)
    assert not validator.is_valid(data(broken))
    assert not loads(broken)


@pytest.mark.parametrize("part", ["", "names: []", "retain: [near]"])
def test_an_entry_of_nothing_is_no_entry_by_schema(validator: Draft202012Validator, part: str) -> None:
    assert not validator.is_valid(data(f"version: 1\nentries:\n  - id: e\n    {part}\n"))
    assert validator.is_valid(data(f"version: 1\nentries:\n  - id: e\n    secrets: [x]\n    {part}\n"))


def test_every_key_is_described() -> None:
    schema = json.loads(schema_text())
    for model in (schema, *schema["$defs"].values()):
        for key, field in model.get("properties", {}).items():
            assert field.get("description"), key
