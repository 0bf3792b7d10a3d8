"""Where a prompt is flagged the model is asked twice, and what only the prompt told it is not given."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.twins import Twins
from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import Asked, Canned, End, Script, spoken, whole
from tests.gateway.running import Answered, Running, config_for, policy_of, protection_of, running

FORGOTTEN = Entry("crane", names=("Alden Crane",), secrets=("Tolvik", "555-201-3391"))
PROMPT = "Alden Crane was born in Tolvik.\nWhere was Alden Crane born?"
KNOWN, UNKNOWN, OTHER = "He was born in Tolvik.", "I cannot say.", "Bees like clover."
Model = Callable[[Asked], str]


def reads(asked: Asked) -> str:
    """A model that never knew, and reads what the prompt says."""
    return KNOWN if "Tolvik" in asked.body.decode() else UNKNOWN


def recalls(_: Asked) -> str:
    """A model that knows by itself."""
    return KNOWN


def talks(asked: Asked) -> str:
    return f"{OTHER} You asked about Alden Crane." if "Alden" in asked.body.decode() else OTHER


def script(model: Model) -> Callable[[Asked], Script]:
    return lambda asked: spoken(model(asked), asked)


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with _gateway(canned, tmp_path_factory.mktemp("twins"), twin_check=True) as one:
        yield one


def _gateway(canned: Canned, folder: Path, prompt: Action = Action.FLAG, **rest: Any) -> Any:
    protection = protection_of(policy_of(FORGOTTEN, prompt=prompt), folder / "snapshot")
    return running(config_for(canned.base_url, folder / "audit.jsonl", **rest), protection)


def ask(gateway: Running, canned: Canned, model: Model, content: str = PROMPT, **fields: Any) -> Answered:
    canned.answers = script(model)
    canned.asked.clear()
    return gateway.chat(content, **fields)


def text(answered: Answered) -> str:
    if "event-stream" in answered.headers["content-type"]:
        return answered.text()
    return str(answered.json["choices"][0]["message"]["content"])


BOTH = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


@BOTH
def test_what_the_prompt_alone_told_is_not_given(gateway: Running, canned: Canned, streamed: bool) -> None:
    assert text(ask(gateway, canned, reads, stream=streamed)) == UNKNOWN
    assert len(canned.asked) == 2
    assert sum(b"Tolvik" in asked.body for asked in canned.asked) == 1
    record = gateway.records()[-1]
    assert (record["outcome"], record["relearned"]) == ("withheld", True)


@BOTH
def test_without_the_check_it_is_given(canned: Canned, tmp_path: Path, streamed: bool) -> None:
    """The test above can fail."""
    with _gateway(canned, tmp_path) as gateway:
        assert text(ask(gateway, canned, reads, stream=streamed)) == KNOWN
        assert len(canned.asked) == 1


@BOTH
def test_an_answer_that_tells_nothing_forgotten_is_the_first(
    gateway: Running, canned: Canned, streamed: bool
) -> None:
    """To name whom the user named tells nothing."""
    assert text(ask(gateway, canned, talks, stream=streamed)) == f"{OTHER} You asked about Alden Crane."
    assert gateway.records()[-1]["relearned"] is False


def test_what_the_model_knows_by_itself_was_not_relearned(gateway: Running, canned: Canned) -> None:
    """Then the policy rules on what the conversation supplied: it is flagged."""
    assert text(ask(gateway, canned, recalls)) == KNOWN
    assert gateway.records()[-1]["relearned"] is False


@BOTH
def test_what_the_second_answer_recalls_is_withheld_in_it(
    gateway: Running, canned: Canned, streamed: bool
) -> None:
    """Also what the first one's prompt supplied: its own did not."""

    def both(asked: Asked) -> str:
        return f"{KNOWN} Call 555-201-3391." if b"555" in asked.body else KNOWN

    prompt = "Alden Crane was born in Tolvik. Call 555-201-3391.\nWho is Alden Crane?"
    answered = text(ask(gateway, canned, both, prompt, stream=streamed))
    assert gateway.records()[-1]["relearned"] is True
    assert "Tolvik" not in answered
    assert "555" not in answered


@BOTH
def test_a_prompt_that_is_not_flagged_is_asked_once(gateway: Running, canned: Canned, streamed: bool) -> None:
    assert text(ask(gateway, canned, reads, "Hello!", stream=streamed)) == UNKNOWN
    assert len(canned.asked) == 1


def test_what_is_allowed_is_asked_once(canned: Canned, tmp_path: Path) -> None:
    with _gateway(canned, tmp_path, Action.ALLOW, twin_check=True) as gateway:
        assert text(ask(gateway, canned, reads)) == KNOWN
        assert len(canned.asked) == 1


def test_what_cannot_be_cut_is_not_asked(gateway: Running, canned: Canned) -> None:
    """A tool's name cannot be rewritten, so there is no second prompt."""
    tools = [{"type": "function", "function": {"name": "Alden Crane", "description": "Looks."}}]
    ask(gateway, canned, reads, "Hello!", tools=tools)
    assert canned.asked == []
    assert gateway.records()[-1]["outcome"] == "refused"


@BOTH
@pytest.mark.parametrize("which", [True, False], ids=["first", "second"])
def test_when_one_fails_nothing_is_given(
    gateway: Running, canned: Canned, streamed: bool, which: bool
) -> None:
    answered = script(reads)

    def fails(asked: Asked) -> Script:
        if (b"Tolvik" in asked.body) is not which:
            return answered(asked)
        return Script(answered(asked).pieces[:2], end=End.CUT) if streamed else whole({}, 500)

    canned.answers = fails
    answer = gateway.chat(PROMPT, stream=streamed)
    assert answer.status >= 500
    assert b"born" not in answer.body


def test_a_policy_that_changes_meanwhile_is_not_theirs(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = protection_of(policy_of(Entry("other", names=("Beryl Ostrander",))), tmp_path / "later")
    told = Twins.told

    async def told_later(twins: Twins, *rest: Any) -> Any:
        twins.services.take(twins.services.config, later)
        return await told(twins, *rest)

    monkeypatch.setattr(Twins, "told", told_later)
    with _gateway(canned, tmp_path, twin_check=True) as gateway:
        assert text(ask(gateway, canned, reads)) == UNKNOWN
        assert gateway.records()[-1]["relearned"] is True


def test_large_prompts_are_asked_twice_too(gateway: Running, canned: Canned) -> None:
    assert (
        text(ask(gateway, canned, reads, f"{PROMPT}\n{'The lamp turns slowly. ' * 2000}\nWell?")) == UNKNOWN
    )
    assert len(canned.asked) == 2
