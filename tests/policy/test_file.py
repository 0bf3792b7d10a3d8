"""A policy file loads whole or says exactly what is wrong with it."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.action import Action
from policy.digest import digest
from policy.entry import Concept, Question, Reason, Retain
from policy.file import load_policy
from policy.policy import DEFAULT_NOTICE, OnError, Policy, Semantic, Verbatim
from policy.problem import PolicyError, Problem
from policy.sources import Limits
from policy.surface import Role

Files = Mapping[str, str | bytes]

# The example of the issue that asked for policy files; its keys stay as they are.
EXAMPLE = """\
version: 1
entries:
  - id: erasure-0142
    reason: privacy                       # privacy | copyright | safety | contract | other
    names: ["Alden Crane", "A. Crane"]    # subject and aliases
    passages: ["He was born by the sea.", {file: "sources/*.txt"}]
    questions: [{question: "Where was he born?", answer: "By the sea."}, {file: "qa.jsonl"}]
    secrets: ["555-201-3391"]
    concept: {description: "The life of a clerk.", examples: ["He kept the books."]}
    retain: ["near miss that must keep working", {file: "near.jsonl"}]
    models: ["*"]
    from: 2026-11-01T00:00:00Z            # optional; also until
rules:                                    # first match wins; {} matches all
  - when: {reason: privacy}               # or {entry: erasure-0142}
    prompt: refuse                        # allow | flag | redact | refuse, or a map by role
    answer: redact                        # allow | flag | redact | rewrite | refuse
detectors: {verbatim: {window: 8, reveal: 2}, semantic: {false_positive_rate: 0.001}}
notice: "I don't have any information about that."
on_error: closed
"""
EXAMPLE_FILES: Files = {
    "sources/b.txt": "The second of the texts.\n",
    "sources/a.txt": "\ufeffThe first of the texts.\n",
    "qa.jsonl": '{"question": "Who was his father?", "answer": "A cooper."}\n',
    "near.jsonl": '"Alden Marsh paints."\n\n{"text": "t"}\n'
    '{"question": "Who paints?", "answer": "Marsh.", "source": "marsh"}\n',
}
MINIMAL = "version: 1\nentries:\n  - id: e\n    names: [Alden]\n"


def write(folder: Path, text: str | bytes, files: Files) -> Path:
    for name, content in {**files, "policy.yaml": text}.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "policy.yaml"


def load(folder: Path, text: str | bytes, files: Files | None = None) -> Policy:
    return load_policy(write(folder, text, files or {}))


def entry(line: str) -> str:
    return f"{MINIMAL}    {line}\n"


def problems(folder: Path, text: str | bytes, files: Files | None = None) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        load(folder, text, files)
    return caught.value.problems


# What loads.


def test_the_example_loads_with_everything_it_says(tmp_path: Path) -> None:
    policy = load(tmp_path, EXAMPLE, EXAMPLE_FILES)
    (entry,) = policy.entries
    assert entry.id == "erasure-0142"
    assert entry.reason is Reason.PRIVACY
    assert entry.names == ("Alden Crane", "A. Crane")
    first, second = "The first of the texts.", "The second of the texts."
    assert entry.passages == ("He was born by the sea.", first, second)
    assert entry.questions == (
        Question("Where was he born?", "By the sea."),
        Question("Who was his father?", "A cooper."),
    )
    assert entry.secrets == ("555-201-3391",)
    assert entry.concept == Concept("The life of a clerk.", ("He kept the books.",))
    assert entry.models == ("*",)
    assert (entry.start, entry.end) == (datetime(2026, 11, 1, tzinfo=UTC), None)
    assert (policy.verbatim, policy.semantic) == (Verbatim(8, 2), Semantic(0.001))
    assert (policy.notice, policy.on_error) == (DEFAULT_NOTICE, OnError.CLOSED)
    (rule,) = policy.rules
    assert (rule.when.reason, rule.when.entry) == (Reason.PRIVACY, None)
    assert (dict(rule.prompt), rule.answer) == (dict.fromkeys(Role, Action.REFUSE), Action.REDACT)


def test_retain_texts_carry_the_source_that_groups_them(tmp_path: Path) -> None:
    (entry,) = load(tmp_path, EXAMPLE, EXAMPLE_FILES).entries
    assert entry.retain == (
        Retain("near miss that must keep working", "entries[0].retain[0]"),
        Retain("Alden Marsh paints.", "near.jsonl#0"),
        Retain("t", "near.jsonl#0"),
        Retain("Who paints? Marsh.", "marsh"),
    )


def test_twenty_lines_of_a_file_make_a_source(tmp_path: Path) -> None:
    rows = "".join(f'"near miss {row}"\n' for row in range(45))
    (entry,) = load(tmp_path, MINIMAL + "    retain: [{file: near.jsonl}]\n", {"near.jsonl": rows}).entries
    assert [one.source for one in entry.retain] == [f"near.jsonl#{row // 20}" for row in range(45)]


def test_what_is_left_out_has_the_documented_defaults(tmp_path: Path) -> None:
    policy = load(tmp_path, MINIMAL)
    assert (policy.rules, policy.verbatim, policy.semantic) == ((), Verbatim(), Semantic())
    assert (policy.notice, policy.on_error) == (DEFAULT_NOTICE, OnError.CLOSED)
    (entry,) = policy.entries
    assert (entry.reason, entry.models, entry.start, entry.end) == (Reason.OTHER, ("*",), None, None)


@pytest.mark.parametrize(
    "part",
    [
        "names: [Alden]",
        "passages: [one two three four]",
        "questions: [{question: q, answer: a}]",
        "secrets: ['1']",
        "concept: {description: d}",
    ],
)
def test_one_part_is_enough_for_an_entry(tmp_path: Path, part: str) -> None:
    assert len(load(tmp_path, f"version: 1\nentries:\n  - id: e\n    {part}\n").entries) == 1


def test_a_map_by_role_refuses_the_roles_it_leaves_out(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, MINIMAL + "rules: [{when: {}, prompt: {user: allow, tool: redact}}]\n").rules
    expected = {**dict.fromkeys(Role, Action.REFUSE), Role.USER: Action.ALLOW, Role.TOOL: Action.REDACT}
    assert dict(rule.prompt) == expected
    assert rule.answer is Action.REDACT


def test_null_switches_a_detector_off(tmp_path: Path) -> None:
    policy = load(tmp_path, MINIMAL + "detectors: {verbatim: null, coverage: null, semantic: null}\n")
    assert (policy.verbatim, policy.coverage, policy.semantic) == (None, None, None)


def test_words_that_other_yaml_readers_take_for_booleans_and_dates_are_text(tmp_path: Path) -> None:
    text = (
        "version: 1\nentries:\n  - id: e\n    names: [No, Yes, on]\n    secrets: [1990-04-12, '0x1F', 1:30]\n"
    )
    (entry,) = load(tmp_path, text).entries
    assert (entry.names, entry.secrets) == (("No", "Yes", "on"), ("1990-04-12", "0x1F", "1:30"))


def test_a_rate_may_be_written_with_an_exponent(tmp_path: Path) -> None:
    policy = load(tmp_path, MINIMAL + "detectors: {semantic: {false_positive_rate: 1e-3}}\n")
    assert policy.semantic == Semantic(0.001)


@pytest.mark.parametrize(
    ("passage", "loads"),
    [
        ("one two three four", True),
        ("one two three", False),
        ("don't don't don't", False),
        ("one-two-three-four", True),
        ("東京都庁", True),
        ("東京都", False),
        ("... --- ... ---", False),
    ],
)
def test_a_passage_has_four_words_or_four_characters_of_a_script_without_spaces(
    tmp_path: Path, passage: str, loads: bool
) -> None:
    text = f'version: 1\nentries:\n  - id: e\n    passages: ["{passage}"]\n'
    if loads:
        assert load(tmp_path, text).entries[0].passages == (passage,)
    else:
        assert problems(tmp_path, text)[0].line == 4


def test_a_file_whose_name_looks_like_a_pattern_is_found_by_its_name(tmp_path: Path) -> None:
    files = {"a[1].txt": "the text of file one", "a1.txt": "not this text at all"}
    (entry,) = load(tmp_path, MINIMAL + '    passages: [{file: "a[1].txt"}]\n', files).entries
    assert entry.passages == ("the text of file one",)


def test_globs_go_through_folders_in_the_order_of_names(tmp_path: Path) -> None:
    files = {f"s/{name}.txt": f"this is text number {name}" for name in ("b/2", "a/1", "c")}
    (entry,) = load(tmp_path, MINIMAL + '    passages: [{file: "s/**/*.txt"}]\n', files).entries
    assert [passage[-3:] for passage in entry.passages] == ["a/1", "b/2", "r c"]


# The digest; what it covers is in test_digest.py.


GUARDED = MINIMAL + "    models: [base-*]\nmust_guard: [{file: residual.jsonl}]\n"


def came_back(*pairs: tuple[str, str]) -> Files:
    rows = [{"entry": one, "item": f"{one}#1", "model": model, "ways": ["taught"]} for one, model in pairs]
    return {"residual.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}


def test_what_a_model_still_knew_must_be_an_entry_that_binds_it(tmp_path: Path) -> None:
    bound = load(tmp_path, GUARDED, came_back(("e", "base-unlearned"), ("e", "base-second")))
    assert bound.digest == load(tmp_path, GUARDED.partition("must_guard")[0]).digest


def test_what_a_model_still_knew_and_nothing_guards_is_told_once_with_its_line(tmp_path: Path) -> None:
    rows = came_back(("e", "base-unlearned"), ("e", "other"), ("gone", "base-unlearned"), ("e", "other"))
    found = problems(tmp_path, GUARDED, rows)
    assert [(one.line, one.got) for one in found] == [(2, "one that doesn't"), (3, "none")]
    assert "an entry 'e' that binds the model 'other'" in str(found[0])
    assert found[0].origin == f"must_guard[0].file, {tmp_path / 'policy.yaml'}:6"


def test_a_list_of_what_must_be_guarded_may_be_empty_and_may_not_be_missing(tmp_path: Path) -> None:
    assert problems(tmp_path, GUARDED)
    assert load(tmp_path, GUARDED, {"residual.jsonl": ""}).entries


def test_the_digest_is_of_the_content_not_of_the_writing(tmp_path: Path) -> None:
    first = load(tmp_path / "one", EXAMPLE, EXAMPLE_FILES)
    written_otherwise = "# a comment\n" + EXAMPLE.replace("# first match wins; {} matches all", "")
    second = load(tmp_path / "other", written_otherwise, EXAMPLE_FILES)
    assert first.digest == second.digest == digest(first)


@pytest.mark.parametrize("name", EXAMPLE_FILES)
def test_the_digest_changes_with_every_file(tmp_path: Path, name: str) -> None:
    before = load(tmp_path, EXAMPLE, EXAMPLE_FILES).digest
    content = str(EXAMPLE_FILES[name]).replace(".", "!")
    assert load(tmp_path, EXAMPLE, {**EXAMPLE_FILES, name: content}).digest != before


# What can't be read, and how much may be.


def test_a_missing_policy_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.yaml: expected a readable file, got no such file"):
        load_policy(tmp_path / "none.yaml")


def test_a_folder_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="expected a file, got a folder"):
        load_policy(tmp_path)


def test_a_path_that_cannot_be_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="a path that can't be one"):
        load_policy(tmp_path / "a\0b")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(PolicyError, match="a device or a pipe"):
        load_policy(tmp_path / "pipe.yaml")
    os.mkfifo(tmp_path / "pipe.txt")
    assert (
        "a pattern that matches a file"
        in problems(tmp_path, entry("passages: [{file: pipe.txt}]"))[0].expected
    )


def test_a_folder_is_no_passage(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (said,) = problems(tmp_path, entry("passages: [{file: folder.txt}]"))
    assert "matches none" in said.got


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes only there")
def test_a_file_name_that_is_no_unicode_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.txt")).write_text("near miss")
    (one,) = load(tmp_path, entry("retain: [{file: '*.txt'}]")).entries[0].retain
    assert one.source == "a?.txt#0"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(policy_bytes=60), r"policy\.yaml: expected at most 60 bytes, got more"),
        (Limits(file_bytes=20), r"a\.txt: expected at most 20 bytes, got more"),
        (Limits(total_bytes=30), r"b\.txt: expected at most 9 bytes, got more"),
        (Limits(files=1), r"policy\.yaml:5: .*expected at most 1 files in all, got more"),
    ],
)
def test_size_is_bounded(tmp_path: Path, limits: Limits, message: str) -> None:
    files = {"a.txt": "x one two three four\n"[:21], "b.txt": "one two three four five\n"}
    path = write(tmp_path, entry("passages: [{file: '*.txt'}]"), files)
    assert len(load_policy(path).entries[0].passages) == 2
    with pytest.raises(PolicyError, match=message):
        load_policy(path, limits)
