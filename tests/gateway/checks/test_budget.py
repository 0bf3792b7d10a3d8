"""Who guesses by checks has the same budget of near-hits as who guesses by asking, and the same session."""

from pathlib import Path

from policy.action import Action
from policy.entry import Entry
from tests.gateway.checks.asking import check, verdict
from tests.gateway.checks.conftest import NOWHERE
from tests.gateway.running import CRANE, config_for, policy_of, protection_of, running

# Two words short of a window.
NEAR = "He wrote mystery novels by lamplight and"
PIECES = (
    "Person Q comes from Tolvik.",
    "Q was born in 1931.",
    "Q's father was a cooper. Where was Q born?",
)


def test_a_key_that_comes_near_too_often_is_told_of_near_as_of_right(tmp_path: Path) -> None:
    limits = {"near_hits": 3}
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, limits=limits, memory=None)
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        said = [verdict(check(gateway, input=f"{NEAR} word{at}?"))[0] for at in range(6)]
        spent = gateway.records()[-1]["near_is_hit"]
    assert said[0] == "passed"
    assert said[-1] == "blocked"
    assert said == sorted(said, reverse=True)
    assert spent is True


def test_answers_are_charged_as_well(tmp_path: Path) -> None:
    limits = {"near_hits": 3}
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={}, limits=limits, memory=None)
    policy = policy_of(CRANE, answer=Action.REFUSE)
    with running(config, protection_of(policy, tmp_path / "snapshot")) as gateway:
        said = [verdict(check(gateway, input=f"{NEAR} word{at}.", surface="answer"))[0] for at in range(6)]
    assert (said[0], said[-1]) == ("passed", "blocked")


def test_pieces_add_up_over_the_checks_of_a_conversation(tmp_path: Path) -> None:
    config = config_for(NOWHERE, tmp_path / "audit.jsonl", models={})
    entry = Entry("crane", names=("Alden Crane",), secrets=("Tolvik", "1931", "cooper"))
    with running(config, protection_of(policy_of(entry), tmp_path / "snapshot")) as gateway:

        def last(*names: str) -> str:
            said = [
                verdict(check(gateway, input=piece, headers={"X-Unsay-Conversation": name}))[0]
                for piece, name in zip(PIECES, names, strict=True)
            ]
            return said[-1]

        assert last("one", "two", "three") == "passed"
        assert last("four", "four", "four") == "blocked"
