"""What `unsay policy check` says of a policy."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.bits import bits
from policy.check import Report, check_policy

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ENTRY = "version: 1\nentries:\n  - id: erasure-1\n    names: [Aldenberth Cranequist]\n"


def report(folder: Path, text: str) -> Report:
    path = folder / "policy.yaml"
    path.write_text(text)
    return check_policy(path, NOW, bits)


def test_a_broken_policy_is_reported_with_its_problems_and_fails(tmp_path: Path) -> None:
    found = report(tmp_path, ENTRY + "    nmes: [x]\non_error: maybe\n")
    first, second, last = found.text.splitlines()
    assert first.startswith(f"{tmp_path / 'policy.yaml'}:5: entries[0].nmes: expected")
    assert second.startswith(f"{tmp_path / 'policy.yaml'}:6: on_error: expected")
    assert last.endswith("2 problems")
    assert found.code == 1


def test_a_missing_policy_fails(tmp_path: Path) -> None:
    assert check_policy(tmp_path / "none.yaml", NOW).code == 1


def test_a_valid_policy_is_summed_up(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        ENTRY + "    reason: privacy\n    passages: [one two three four five six seven eight]\n"
        "    retain: [near, by]\n  - id: takedown-2\n    names: [Zephyrine Quillgarth]\n    models: [a*, b]\n"
        "    keys: [team-*]\nrules:\n  - {when: {reason: privacy}, prompt: {user: allow}, answer: refuse}\n",
    )
    assert (found.code, found.warnings) == (0, ())
    assert found.text.splitlines()[2:] == [
        "2 entries, 1 rule",
        "verbatim: window 8, reveal 2; semantic: at most 0.001 false positives; on error: closed",
        "",
        "erasure-1 (privacy), in force, models *",
        "  holds 1 name, 1 passage, 2 retain texts",
        "  rules[0]: prompt system refuse, user allow, assistant refuse, tool refuse, document refuse; "
        "answer refuse",
        "",
        "takedown-2 (other), in force, models a* b, keys team-* alone",
        "  holds 1 name",
        "  no rule: prompt refuse; answer redact",
    ]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("version: 1\nentries: []\n", "there are no entries"),
        (ENTRY + "on_error: open\n", "answers pass unscanned"),
        (ENTRY + "    passages: [a b c d e f g h]\ndetectors: {verbatim: null}\n", "verbatim is off"),
        (ENTRY + "    passages: [a b c d e f g h]\ndetectors: {coverage: null}\n", "coverage is off"),
        (ENTRY + "    concept: {description: d}\ndetectors: {semantic: null}\n", "semantic is off"),
        (ENTRY + "detectors: {views: null}\n", "views is off"),
        (ENTRY + "rules: [{when: {}}, {when: {entry: erasure-1}}]\n", "rules[1] is never reached: rules[0]"),
        (ENTRY + "rules: [{when: {reason: safety}}]\n", "rules[0] matches no entry"),
        (ENTRY + "    until: 2026-11-01T00:00:00Z\n", "erasure-1: `until` has passed"),
        (ENTRY + "    until: 2026-11-02T00:00:00Z\n", "erasure-1: `until` has passed"),
        (ENTRY + "    from: 2026-11-03T00:00:00Z\n", "erasure-1: `from` lies ahead"),
        (ENTRY + "rules: [{when: {}, answer: allow}]\n", "its rule allows answers that tell it"),
        (ENTRY + "notice: I never met aldenberth  CRANEQUIST.\n", "the notice contains a name or a secret"),
        (ENTRY + "    passages: [one two three four]\n", "1 passage is shorter than the window"),
        (ENTRY + "    passages: [a b c d, e f g h]\n", "2 passages are shorter than the window"),
        (
            ENTRY + "    questions: [{question: Who?, answer: He}]\n    retain: [who]\n",
            "a retain text is also a passage or a question",
        ),
        (ENTRY.replace("Aldenberth Cranequist", "Mark"), "names[0] is common in ordinary text"),
        (ENTRY.replace("Aldenberth Cranequist", "A. Crane"), "names[0] has under 30 bits"),
        (ENTRY + "    secrets: [Paris]\n", "secrets[0] has under 30 bits"),
    ],
)
def test_what_may_surprise_is_warned_of_and_passes(tmp_path: Path, text: str, warning: str) -> None:
    found = report(tmp_path, text)
    assert found.code == 0
    assert [one for one in found.warnings if warning in one] == list(found.warnings)
    assert f"warning: {found.warnings[0]}" in found.text


def test_models_that_nobody_serves_are_warned_of_where_those_served_are_said(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(ENTRY + "    models: [dmeo]\n")
    assert check_policy(path, NOW, bits).warnings == ()
    (warning,) = check_policy(path, NOW, bits, ["demo"]).warnings
    assert warning.startswith("models: 'dmeo' in erasure-1 fits none of 'demo'")


def test_an_entry_that_ends_later_says_when(tmp_path: Path) -> None:
    text = report(tmp_path, ENTRY + "    until: 2026-12-01T00:00:00Z\n").text
    assert "in force until 2026-12-01T00:00:00+00:00" in text


def test_without_bits_common_names_go_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(ENTRY.replace("Aldenberth Cranequist", "Mark"))
    assert check_policy(path, NOW).warnings == ()


def test_the_report_quotes_nothing_that_must_be_forgotten(tmp_path: Path) -> None:
    text = (
        ENTRY.replace("Aldenberth Cranequist", "Hidden")
        + "    secrets: [hidden]\n    passages: [hidden hidden hidden hidden]\n"
        "    questions: [{question: hidden, answer: hidden}]\n    retain: [hidden]\nnotice: hidden\n"
    )
    found = report(tmp_path, text)
    assert len(found.warnings) >= 4
    assert "hidden" not in found.text.casefold()
