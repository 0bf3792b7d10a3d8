"""A policy's own tests pass when its filters do what they say, fail when they do not, and show no text."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from policy.action import Action
from policy.cases import Cases
from policy.file import load_policy
from policy.policy import Policy, Rule, When
from policy.surface import Role
from tests.unsay.test_command import POLICY, unsay
from unsay.policy_tests import UnknownCode, complaint, tried
from unsay.rehearsal import rehearsed

TURNS = [
    {"role": "user", "content": "Let us talk of Alden"},
    {"role": "assistant", "content": "Yes?"},
    {"role": "user", "content": "Crane."},
]
WITHHELD = [
    "Where was Alden Crane born?",
    {"messages": TURNS},
    {"prompt": "Who wrote sea stories?", "answer": "That was Alden Crane, I think."},
]
ANSWERED = [
    "Who wrote The Red Badge of Courage?",
    {"prompt": "Who was Stephen Crane?", "answer": "Stephen Crane wrote The Red Badge of Courage."},
]


def written(folder: Path, **tests: object) -> Path:
    path = folder / "policy.yaml"
    path.write_text(POLICY + yaml.safe_dump({"tests": tests}))
    return path


def results(policy: Policy, cases: Cases | None = None) -> list[tuple[str, bool]]:
    with rehearsed(policy, "demo", exact=True) as rehearsal:
        return [(one.case.place, one.passed) for one in tried(rehearsal, cases or policy.cases)]


def test_what_the_policy_does_passes(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, must_withhold=WITHHELD, must_answer=ANSWERED))
    assert [passed for _, passed in results(policy)] == [True] * 5
    assert complaint(policy, "demo") == ""


def test_what_it_does_not_do_fails(tmp_path: Path) -> None:
    """The same cases the other way round."""
    policy = load_policy(written(tmp_path, must_withhold=ANSWERED, must_answer=WITHHELD))
    assert [passed for _, passed in results(policy)] == [False] * 5


def test_a_policy_that_allows_all_withholds_nothing(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, must_withhold=WITHHELD))
    lax = Rule(When(), dict.fromkeys(Role, Action.ALLOW), Action.ALLOW)
    assert not any(passed for _, passed in results(replace(policy, rules=(lax,))))


def test_each_case_to_withhold_is_tried_in_each_code(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, must_withhold=WITHHELD, must_answer=ANSWERED, codes=["base64"]))
    with rehearsed(policy, "demo", exact=True) as rehearsal:
        told = [(one.case.place, one.code) for one in tried(rehearsal, policy.cases)]
    assert told[:2] == [("tests.must_withhold[0]", ""), ("tests.must_withhold[0]", "base64")]
    assert len(told) == 2 * len(WITHHELD) + len(ANSWERED)


def test_an_unknown_code_is_told_with_those_there_are(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, must_withhold=WITHHELD, codes=["base1"]))
    with pytest.raises(UnknownCode, match=r"expected one of Base64, .* found 'base1'"):
        results(policy)


def test_the_command_tells_where_a_case_stands_and_never_what_it_says(tmp_path: Path) -> None:
    written(tmp_path, must_withhold=["Call 555-201-3392 now."], must_answer=WITHHELD)
    ended = unsay("policy", "test", "policy.yaml", "--exact", cwd=tmp_path)
    assert ended.returncode == 1
    assert "policy.yaml: line " in ended.stdout
    assert "tests.must_withhold[0]: expected withheld, found answered" in ended.stdout
    assert "tests.must_answer[2]: expected answered, found withheld (the answer)" in ended.stdout
    assert "0 of 4 tests passed" in ended.stdout
    assert not [word for word in ("555", "Alden", "sea") if word in ended.stdout + ended.stderr]


def test_without_tests_the_command_says_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    ended = unsay("policy", "test", "policy.yaml", "--exact", cwd=tmp_path)
    assert ended.returncode == 2
    assert "expected `tests:` with must_withhold or must_answer, found none" in ended.stderr
    assert "found none" in complaint(load_policy(tmp_path / "policy.yaml"), "demo")


def test_a_case_is_a_prompt_or_messages(tmp_path: Path) -> None:
    path = written(
        tmp_path, must_withhold=[{"prompt": "Who is Alden Crane?", "messages": TURNS}, {"answer": "Yes."}]
    )
    checked = unsay("policy", "check", "policy.yaml", cwd=tmp_path)
    assert checked.returncode == 2
    assert "must_withhold[0]: expected either `prompt` or `messages`, got both" in checked.stdout
    assert "must_withhold[1]: expected either `prompt` or `messages`, got neither" in checked.stdout
    assert "Alden" not in checked.stdout
    assert path.exists()
