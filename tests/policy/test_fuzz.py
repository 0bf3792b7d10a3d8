"""Whatever stands in the files, loading ends in a policy or in a PolicyError."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from policy.file import load_policy
from policy.policy import Policy
from policy.problem import PolicyError
from policy.yaml_tree import read_tree

VALID = """\
version: 1
entries:
  - id: e
    reason: privacy
    names: ["Alden Crane", A. Crane]
    passages: ["one two three four", {file: "*.txt"}]
    questions: [{question: "q?", answer: a}, {file: qa.jsonl}]
    secrets: ["555"]
    concept: {description: d, examples: [x]}
    retain: [near, {file: qa.jsonl}]
    from: 2026-11-01T00:00:00Z
rules:
  - when: {reason: privacy}
    prompt: {user: allow}
    answer: rewrite
detectors: {verbatim: {window: 8, reveal: 2}, semantic: null}
notice: "nothing"
on_error: closed
"""
WORDS = sorted(
    {"version", "entries", "rules", "id", "names", "passages", "questions", "question", "answer", "file"}
    | {"secrets", "concept", "description", "examples", "retain", "models", "from", "until", "when", "prompt"}
    | {"entry", "reason", "user", "detectors", "verbatim", "window", "reveal", "semantic", "notice", "*", "e"}
    | {
        "allow",
        "rewrite",
        "privacy",
        "closed",
        "qa.jsonl",
        "*.txt",
        "[",
        "\0",
        "2026-11-01T00:00:00Z",
        "<text>",
    }
)
PIECES = [
    "&a ",
    "*a",
    "!!python/name:os.system ",
    "? ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "|\n",
    ">\n",
    "'",
    '"',
]
PIECES += [
    "\n",
    "\t",
    "#",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 9.9\n",
    "\\ud800",
    "\\U7fffffff",
    "\x85",
    "\ufeff",
    "\0",
]
PIECES += ["null", "~", "1e999", ".inf", "9" * 400, "0x1", "=", "@", "`", "\U0001f600", "\r", "  ", "\u2028"]

words = st.sampled_from(WORDS) | st.text(max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=25,
)
ENTRY_KEYS = [
    "id",
    "names",
    "passages",
    "questions",
    "secrets",
    "concept",
    "retain",
    "models",
    "from",
    "until",
]
entries = st.dictionaries(st.sampled_from(ENTRY_KEYS), trees, max_size=6)
rules = st.dictionaries(st.sampled_from(["when", "prompt", "answer"]), trees, max_size=3)
policies = st.fixed_dictionaries(
    {"version": st.just(1), "entries": st.lists(entries, max_size=3)},
    optional={"rules": st.lists(rules, max_size=3), "detectors": trees, "notice": trees, "on_error": trees},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("fuzz")
    (place / "a.txt").write_text("five words stand in here")
    (place / "qa.jsonl").write_text('{"question": "q", "answer": "a"}\n')
    return place


def outcome(folder: Path, policy: bytes) -> Policy | PolicyError:
    """What loading ends in; anything but the two escapes and fails the test."""
    place = folder / "policy.yaml"
    place.write_bytes(policy)
    try:
        return load_policy(place)
    except PolicyError as error:
        return error


def is_loaded_or_told(folder: Path, policy: bytes) -> bool:
    """Whether it is a policy, or an error with its problems, which can be printed."""
    found = outcome(folder, policy)
    return isinstance(found, Policy) or bool(found.problems and str(found).encode())


def test_the_valid_policy_is_valid(folder: Path) -> None:
    """Or the mutations below would all start from an error."""
    assert isinstance(outcome(folder, VALID.encode()), Policy)


@given(st.binary(max_size=200))
def test_any_bytes(folder: Path, junk: bytes) -> None:
    assert is_loaded_or_told(folder, junk)


@given(st.lists(st.sampled_from(PIECES) | words, max_size=40).map("".join))
def test_any_pieces_of_yaml(folder: Path, junk: str) -> None:
    assert is_loaded_or_told(folder, junk.encode("utf-8", "surrogatepass"))


@given(st.data())
def test_a_valid_policy_with_pieces_put_in_or_cut_out(folder: Path, data: st.DataObject) -> None:
    text = VALID
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES, *WORDS])) + text[end:]
    assert is_loaded_or_told(folder, text.encode())


@given(trees | policies)
def test_any_data(folder: Path, tree: object) -> None:
    assert is_loaded_or_told(folder, yaml.safe_dump(tree).encode("utf-8", "surrogatepass"))


@example('{"<text>": null}')
@given(st.lists(trees.map(json.dumps) | st.sampled_from(PIECES), max_size=6).map("\n".join))
def test_any_lines_in_a_jsonl_file(folder: Path, rows: str) -> None:
    (folder / "rows.jsonl").write_bytes(rows.encode("utf-8", "surrogatepass"))
    for part in ("questions", "retain", "passages"):
        text = f"version: 1\nentries: [{{id: e, names: [x], {part}: [{{file: rows.jsonl}}]}}]\n"
        assert is_loaded_or_told(folder, text.encode())


@given(st.lists(st.sampled_from(PIECES) | words, max_size=30).map("".join), st.booleans())
def test_both_parsers_of_yaml_fail_in_the_same_way(junk: str, pure: bool) -> None:
    """The library may have been installed without its C part."""
    tree, problems = read_tree(junk.encode("utf-8", "replace").decode(), "f", pure=pure)
    assert problems or tree.value is None or isinstance(tree.value, bool | int | float | str | list | dict)
