"""Ways to break a policy file: the operator is told where, what was expected and what was got."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from policy.file import load_policy
from policy.problem import PolicyError, Problem

Files = Mapping[str, str | bytes]

MINIMAL = "version: 1\nentries:\n  - id: e\n    names: [Alden]\n"


def problems(folder: Path, text: str | bytes, files: Files | None = None) -> tuple[Problem, ...]:
    for name, content in {**(files or {}), "policy.yaml": text}.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PolicyError) as caught:
        load_policy(folder / "policy.yaml")
    return caught.value.problems


@dataclass(frozen=True, slots=True)
class Broken:
    name: str
    text: str | bytes
    line: int | None
    place: str
    expected: str
    got: str
    hint: str = ""
    file: str = "policy.yaml"
    files: Files = field(default_factory=dict)


def entry(*lines: str) -> str:
    """A policy whose one entry has these lines, the first of them on line 5."""
    return MINIMAL + "".join(f"    {line}\n" for line in lines)


def after(*lines: str) -> str:
    """A policy with these lines at the top level, the first of them on line 5."""
    return MINIMAL + "".join(f"{line}\n" for line in lines)


QA = "questions: [{file: qa.jsonl}]"
ACTIONS = "'allow', 'flag', 'redact' or 'refuse'"

# fmt: off
BROKEN = [
    # YAML.
    Broken("empty file", "", 1, "", "a policy", "an empty file"),
    Broken("only a comment", "# nothing\n", 1, "", "a policy", "an empty file"),
    Broken("a list", "- version: 1\n", 1, "", "a mapping", "a list of 1"),
    Broken("a text", "hello\n", 1, "", "a mapping", "a text of 5"),
    Broken("unclosed bracket", "version: 1\nentries: [\n", 3, "", "valid YAML", "a syntax error"),
    Broken("a tab", "version: 1\n\tentries: []\n", 2, "", "valid YAML", "a syntax error"),
    Broken("control character", "version: 1\nnotice: a\x01b\n", 2, "", "printable text", "a character"),
    Broken("not UTF-8", b"version: 1\nnotice: caf\xe9\n", 2, "", "UTF-8", "the byte 0xe9"),
    Broken("UTF-16", MINIMAL.encode("utf-16"), 1, "", "UTF-8", "the byte 0xff"),
    Broken("two documents", MINIMAL + "---\nversion: 1\n", 5, "", "one YAML document", "a second one"),
    Broken("alias", entry("secrets: *s"), 5, "entries[0].secrets", "plain YAML data", "an alias (`*`)"),
    Broken("anchor", entry("secrets: &s [x]"), 5, "entries[0].secrets", "plain YAML data", "an anchor (`&`)"),
    Broken("tag", entry("secrets: !!python/object/apply:os.system [x]"), 5, "entries[0].secrets",
           "plain YAML data", "a tag ("),
    Broken("deep nesting", after(f"rules: {'[' * 40}{']' * 40}"), 5, "", "at most 16 levels", "more"),
    Broken("list as key", after("? [a]", ": b"), 5, "", "a key that is text", "a list or a mapping"),
    Broken("key twice", entry("names: [x]"), 5, "entries[0].names", "every key once", "first on line 4"),
    Broken("key twice at the top", after("version: 1"), 5, "version", "every key once", "first on line 1"),
    Broken("left empty", after("detectors:", "  semantic:"), 6, "detectors.semantic", "a value", "nothing",
           "null"),
    Broken("item left empty", entry("secrets:", "  -"), 6, "entries[0].secrets[0]", "a value", "nothing"),
    # Keys.
    Broken("no version", "entries: []\n", 1, "version", "the key `version`", "none"),
    Broken("no entries", "version: 1\n", 1, "entries", "the key `entries`", "none"),
    Broken("unknown top key", after("on_eror: open"), 5, "on_eror", "on_error", "'on_eror'",
           "mean `on_error`"),
    Broken("unknown entry key", entry("nmes: [x]"), 5, "entries[0].nmes", "names", "'nmes'", "mean `names`"),
    Broken("strange key", entry("zzzz: [x]"), 5, "entries[0].zzzz", "one of the keys id, reason", "'zzzz'"),
    Broken("unknown rule key", after("rules:", "  - when: {}", "    promt: allow"), 7, "rules[0].promt",
           "one of the keys when, prompt, answer", "'promt'", "mean `prompt`"),
    Broken("unknown role", after("rules: [{when: {}, prompt: {usr: allow}}]"), 5, "rules[0].prompt.usr",
           "one of the keys system, user, assistant, tool, document", "'usr'", "mean `user`"),
    Broken("unknown when key", after("rules: [{when: {reasn: privacy}}]"), 5, "rules[0].when.reasn",
           "one of the keys reason, entry", "'reasn'", "mean `reason`"),
    Broken("unknown detector", after("detectors: {verbatm: null}"), 5, "detectors.verbatm",
           "one of the keys names, verbatim", "'verbatm'", "mean `verbatim`"),
    # Values.
    Broken("other version", "version: 2\nentries: []\n", 1, "version", "one of 1", "the number 2"),
    Broken("version as text", "version: '1'\nentries: []\n", 1, "version", "one of 1", "'1'"),
    Broken("entries as a mapping", "version: 1\nentries: {}\n", 2, "entries", "a list", "a mapping"),
    Broken("entry as text", "version: 1\nentries: [x]\n", 2, "entries[0]", "a mapping", "a text of 1"),
    Broken("names as text", entry("secrets: x"), 5, "entries[0].secrets", "a list", "a text of 1"),
    Broken("id as number", "version: 1\nentries: [{id: 7}]\n", 2, "entries[0].id", "text", "the number 7",
           "quotes"),
    Broken("id with a space", "version: 1\nentries: [{id: a b}]\n", 2, "entries[0].id", "1 to 128", "'a b'"),
    Broken("no id", "version: 1\nentries: [{names: [x]}]\n", 2, "entries[0].id", "the key `id`", "none"),
    Broken("strange reason", entry("reason: privat"), 5, "entries[0].reason", "'privacy'", "'privat'"),
    Broken("number as secret", entry("secrets:", "- 5552013391"), 6, "entries[0].secrets[0]", "text",
           "a number", "quotes"),
    Broken("boolean as secret", entry("secrets: [true]"), 5, "entries[0].secrets[0]", "text", "boolean",
           "quotes"),
    Broken("null as secret", entry("secrets: [null]"), 5, "entries[0].secrets[0]", "text", "null"),
    Broken("empty secret", entry("secrets: ['']"), 5, "entries[0].secrets[0]", "not empty", "0 characters"),
    Broken("secret of signs", entry("secrets: ['***']"), 5, "entries[0].secrets[0]", "one letter",
           "3 characters"),
    Broken("short passage", entry("passages:", "  - too short"), 6, "entries[0].passages[0]", "4 words",
           "2 words", "secrets"),
    Broken("number as passage", entry("passages: [5]"), 5, "entries[0].passages[0]", 'text or {file: "..."}',
           "a number"),
    Broken("passage with a colon", entry("passages:", "  - He said: it rained all day"), 6,
           "entries[0].passages[0].file", "the key `file`", "none", "must stand in quotes"),
    Broken("question without answer", entry("questions:", "  - question: q"), 6,
           "entries[0].questions[0].answer", "the key `answer`", "none"),
    Broken("question as text", entry("questions: [who]"), 5, "entries[0].questions[0]",
           '{question: "...", answer: "..."} or {file: "..."}', "a text of 3"),
    Broken("concept as text", entry("concept: x"), 5, "entries[0].concept", "a mapping", "a text of 1"),
    Broken("no models", entry("models: []"), 5, "entries[0].models", "a list of at least 1", "a list of 0"),
    Broken("from without zone", entry("from: 2026-11-01T00:00:00"), 5, "entries[0].from", "with its zone",
           "'2026", "Z"),
    Broken("from as a day", entry("from: 2026-11-01"), 5, "entries[0].from", "with its zone", "'2026-11-01'"),
    Broken("from as a number", entry("from: 1700000000"), 5, "entries[0].from", "with its zone",
           "the number 17"),
    Broken("until as words", entry("until: tomorrow"), 5, "entries[0].until", "with its zone", "'tomorrow'"),
    Broken("until before from", entry("from: 2026-11-02T00:00:00Z", "until: 2026-11-02T00:00:00+01:00"), 6,
           "entries[0].until", "a time after `from`", "2026-11-02T00:00:00+01:00"),
    Broken("until is from", entry("from: 2026-11-02T00:00:00Z", "until: 2026-11-02T01:00:00+01:00"), 6,
           "entries[0].until", "a time after `from`", "2026-11-02T01:00:00+01:00"),
    Broken("window too small", after("detectors: {verbatim: {window: 3}}"), 5, "detectors.verbatim.window",
           "at least 4", "3"),
    Broken("window too large", after("detectors: {verbatim: {window: 33}}"), 5, "detectors.verbatim.window",
           "at most 32", "33"),
    Broken("window as text", after("detectors: {verbatim: {window: x}}"), 5, "detectors.verbatim.window",
           "whole", "'x'"),
    Broken("window as 8.5", after("detectors: {verbatim: {window: 8.5}}"), 5, "detectors.verbatim.window",
           "whole", "8.5"),
    Broken("negative reveal", after("detectors: {verbatim: {reveal: -1}}"), 5, "detectors.verbatim.reveal",
           "at least 0", "-1"),
    Broken("reveal of the whole window", after("detectors:", "  verbatim:", "    window: 6", "    reveal: 6"),
           8, "detectors.verbatim.reveal", "at most 5 (less than the window of 6)", "the number 6"),
    Broken("rate of nothing", after("detectors: {semantic: {false_positive_rate: 0}}"), 5,
           "detectors.semantic.false_positive_rate", "a number above 0", "the number 0"),
    Broken("rate too large", after("detectors: {semantic: {false_positive_rate: 0.2}}"), 5,
           "detectors.semantic.false_positive_rate", "at most 0.1", "the number 0.2"),
    Broken("rate as text", after("detectors: {semantic: {false_positive_rate: low}}"), 5,
           "detectors.semantic.false_positive_rate", "a number", "'low'"),
    Broken("detectors off as a word", after("detectors: off"), 5, "detectors", "a mapping", "'off'"),
    Broken("empty notice", after("notice: ''"), 5, "notice", "not empty", "0 characters"),
    Broken("strange on_error", after("on_error: maybe"), 5, "on_error", "'closed' or 'open'", "'maybe'"),
    # Rules.
    Broken("rule without when", after("rules:", "  - prompt: allow"), 6, "rules[0].when", "the key `when`",
           "none"),
    Broken("prompt: rewrite", after("rules: [{when: {}, prompt: rewrite}]"), 5, "rules[0].prompt", ACTIONS,
           "'rewrite'", "for `answer` only"),
    Broken("prompt: rewrite for a role",
           after("rules:", "  - when: {}", "    prompt:", "      user: rewrite"), 8, "rules[0].prompt.user",
           ACTIONS, "'rewrite'", "for `answer` only"),
    Broken("prompt as a list", after("rules: [{when: {}, prompt: [allow]}]"), 5, "rules[0].prompt", ACTIONS,
           "a list of 1"),
    Broken("strange answer", after("rules: [{when: {}, answer: block}]"), 5, "rules[0].answer",
           "'rewrite' or 'refuse'", "'block'"),
    Broken("rule for no entry", after("rules:", "  - when:", "      entry: ee"), 7, "rules[0].when.entry",
           "the id of an entry", "'ee'", "mean `e`"),
    # Entries.
    Broken("entry with nothing", "version: 1\nentries:\n  - id: e\n", 3, "entries[0]",
           "at least one of names, passages", "none"),
    Broken("entry of empty lists", "version: 1\nentries:\n  - id: e\n    names: []\n", 3, "entries[0]",
           "at least one of", "none"),
    Broken("only a retain text", "version: 1\nentries:\n  - id: e\n    retain: [near]\n", 3, "entries[0]",
           "secrets and concept", "none in the entry 'e'"),
    Broken("id twice", after("  - id: e", "    names: [x]"), 5, "entries[1].id", "an id of its own",
           "first on line 3"),
    # Files.
    Broken("no such file", entry("passages: [{file: none.txt}]"), 5, "entries[0].passages[0].file",
           "a pattern that matches", "'none.txt'"),
    Broken("empty glob", entry("passages: [{file: '*.txt'}]"), 5, "entries[0].passages[0].file",
           "a pattern that matches", "'*.txt'"),
    Broken("no pattern", entry("passages: [{file: ''}]"), 5, "entries[0].passages[0].file", "not empty",
           "0 characters"),
    Broken("file as a number", entry("passages: [{file: 5}]"), 5, "entries[0].passages[0].file", "text",
           "a number"),
    Broken("NUL in a pattern", entry('passages: [{file: "a\\0b"}]'), 5, "entries[0].passages[0].file", "a p",
           "a\\x00b"),
    Broken("other suffix", entry("passages: [{file: a.md}]"), 5, "entries[0].passages[0].file",
           ".txt or .jsonl", "'a.md'", files={"a.md": "x"}),
    Broken("text as questions", entry("questions: [{file: a.txt}]"), 5, "entries[0].questions[0].file",
           ".jsonl", "'a.txt'", files={"a.txt": "x"}),
    Broken("short file", entry("passages: [{file: a.txt}]"), 1, "text", "4 words", "1 word", file="a.txt",
           files={"a.txt": "hi"}),
    Broken("empty text file", entry("passages: [{file: a.txt}]"), 1, "text", "not empty", "0 characters",
           file="a.txt", files={"a.txt": ""}),
    Broken("file not UTF-8", entry("passages: [{file: a.txt}]"), 2, "", "UTF-8", "0xff", file="a.txt",
           files={"a.txt": b"a\n\xff"}),
    Broken("no records", entry(QA), 1, "", "at least one record", "none", file="qa.jsonl",
           files={"qa.jsonl": "\n\n"}),
    Broken("record without answer", entry(QA), 3, "answer", "the key `answer`", "none", file="qa.jsonl",
           files={"qa.jsonl": '\n\n{"question": "q"}\n'}),
    Broken("record with a wrong type", entry(QA), 1, "answer", "text", "a number", file="qa.jsonl",
           files={"qa.jsonl": '{"question": "q", "answer": 5}'}),
    Broken("record with an unknown key", entry(QA), 1, "anwser", "one of the keys question, answer, source",
           "'anwser'", "mean `answer`", file="qa.jsonl",
           files={"qa.jsonl": '{"question": "q", "answer": "a", "anwser": "a"}'}),
    Broken("record as text", entry(QA), 1, "", "a mapping", "a text of 3", file="qa.jsonl",
           files={"qa.jsonl": '"who"'}),
    Broken("no JSON", entry(QA), 2, "", "one JSON value a line", "at column", file="qa.jsonl",
           files={"qa.jsonl": '{"question": "q", "answer": "a"}\n{"question'}),
    Broken("JSON over two lines", entry(QA), 1, "", "one JSON value a line", "at column", file="qa.jsonl",
           files={"qa.jsonl": "{\n\n"}),
    Broken("JSON key twice", entry(QA), 1, "", "every key once", "'answer' again", file="qa.jsonl",
           files={"qa.jsonl": '{"answer": "a", "answer": "b"}'}),
    Broken("deep JSON", entry(QA), 1, "", "one JSON value a line", "too deep", file="qa.jsonl",
           files={"qa.jsonl": "[" * 100_000}),
    Broken("lone surrogate", entry(QA), 1, "", "Unicode text", "a lone surrogate", file="qa.jsonl",
           files={"qa.jsonl": '{"question": "\\ud800"}'}),
    Broken("retain record with both", entry("retain: [{file: near.jsonl}]"), 1, "",
           "either `text`, or `question`", "a mapping", file="near.jsonl",
           files={"near.jsonl": '{"text": "t", "question": "q"}'}),
    Broken("short passage in a record", entry("passages: [{file: p.jsonl}]"), 2, "text", "4 words", "2 words",
           "secrets", file="p.jsonl", files={"p.jsonl": '"one two three four"\n{"text": "one two"}\n'}),
]
# fmt: on


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_every_breakage_is_said_with_file_line_field_expected_and_got(tmp_path: Path, broken: Broken) -> None:
    file = str(tmp_path / broken.file)
    found = problems(tmp_path, broken.text, broken.files)
    (said,) = [one for one in found if one.field == broken.place and broken.expected in one.expected]
    assert (said.file, said.line) == (file, broken.line)
    assert broken.got in said.got
    assert broken.hint in said.hint
    message = str(PolicyError(found))
    for part in (f"{file}:{broken.line}:", broken.place, broken.expected, broken.got, broken.hint):
        assert part in message
    if broken.file != "policy.yaml":
        assert said.origin.startswith("entries[0].")
        assert f"{tmp_path / 'policy.yaml'}:5" in message


def test_there_are_no_two_breakages_of_one_name() -> None:
    assert len({broken.name for broken in BROKEN}) == len(BROKEN) >= 40


def test_every_problem_is_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = after("on_error: maybe", "notice: ''", "rules: [{prompt: x}]")
    assert [one.line for one in problems(tmp_path, text)] == [5, 6, 7, 7]


def test_problems_in_several_files_are_listed_together(tmp_path: Path) -> None:
    text = entry("passages: [{file: '*.txt'}, {file: none.txt}]", QA)
    files = {"a.txt": "hi", "b.txt": "ho", "qa.jsonl": "{}\n5\n"}
    found = problems(tmp_path, text, files)
    assert sorted(Path(one.file).name for one in found) == [
        "a.txt",
        "b.txt",
        "policy.yaml",
        "qa.jsonl",
        "qa.jsonl",
        "qa.jsonl",
    ]


def test_a_long_list_of_problems_is_cut_in_the_message(tmp_path: Path) -> None:
    text = entry(QA)
    with pytest.raises(PolicyError, match="and 150 problems more") as caught:
        raise PolicyError(problems(tmp_path, text, {"qa.jsonl": "5\n" * 250}))
    assert len(caught.value.problems) == 250


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("hidden-word\n", {}),
        ("hidden word: hidden\n", {}),
        ("version: 1\nentries: hidden-word\n", {}),
        ("version: 1\nentries: [hidden-word]\n", {}),
        (entry("hidden word: x"), {}),
        (entry("passages:", "  - hidden: it rained all day"), {}),
        (entry("secrets: {hidden word: 1, hidden word: 2}"), {}),
        (entry("concept: {hidden: 1}"), {}),
        (entry("questions: [{question: a, answer: b, hidden: c}]"), {}),
        (entry("secrets: [*hidden*]"), {}),
        (entry("secrets: [&hidden]"), {}),
        (entry("secrets: [!hidden]"), {}),
        (entry("secrets: [[hidden-word]]"), {}),
        (entry("passages: [hidden-word]"), {}),
        (entry("concept: hidden-word"), {}),
        (entry("questions: [{question: [hidden-word], answer: hidden-word}]"), {}),
        (entry("retain: [{file: near.jsonl}]"), {"near.jsonl": '{"text": ["hidden-word"]}'}),
        (entry("passages: [{file: a.txt}]"), {"a.txt": "hidden-word"}),
        (entry(QA), {"qa.jsonl": '{"question": "hidden-word", "answer": "hidden-word"'}),
        (entry(QA), {"qa.jsonl": '{"question": "hidden-word", "answer": {"hidden-word": 1}}'}),
    ],
)
def test_messages_never_quote_what_may_be_forgotten(tmp_path: Path, text: str, files: Files) -> None:
    assert "hidden" not in str(PolicyError(problems(tmp_path, text, files)))


def test_long_values_are_shortened_and_control_characters_escaped(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, after(f'on_error: "\\e[31m{"x" * 500}"'))
    assert "\x1b" not in str(said)
    assert len(said.got) < 60
