"""Several conversations in one request: each is scanned, and each choice goes on with its own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from policy.action import Action
from tests.gateway.canned import Canned, whole
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)

WORDS = re.findall(r"\w+", BIOGRAPHY)
BEGUN, REST = " ".join(WORDS[6:11]), " ".join(WORDS[11:14])


def user(text: object) -> list[dict[str, object]]:
    return [{"role": "user", "content": text}]


def ask(gateway: Running, *conversations: object, **fields: Any) -> Answered:
    raw = json.dumps({"model": "demo", "messages": conversations, **fields}).encode()
    return gateway.ask("POST", "/v1/chat/completions/batch", raw, {"Content-Type": "application/json"})


def said(*texts: str) -> Any:
    messages = ({"role": "assistant", "content": text} for text in texts)
    choices = [{"index": at, "message": one, "finish_reason": "stop"} for at, one in enumerate(messages)]
    return whole({"object": "chat.completion", "choices": choices, "usage": None})


def told(answered: Answered) -> list[Any]:
    assert answered.status == 200
    return [choice["message"]["content"] for choice in answered.json["choices"]]


def test_each_conversation_has_its_answer_and_each_is_guarded(canned: Canned, strict: Running) -> None:
    canned.play(said("A lamp.", "Call Alden Crane.", "A tower."))
    answered = ask(strict, user("One?"), user("Two?"), user("Three?"), temperature=0)
    assert told(answered) == ["A lamp.", f"Call {NOTICE}", "A tower."]
    assert canned.last.path == "/v1/chat/completions/batch"
    assert canned.last.json["messages"] == [user("One?"), user("Two?"), user("Three?")]
    assert strict.records()[-1]["route"] == "batch"


def test_one_that_is_refused_refuses_all(canned: Canned, strict: Running) -> None:
    canned.play(said("A lamp.", "A lamp."))
    for asked in (user("Who is Alden Crane?"), user([{"type": "text", "text": "Who is Alden Crane?"}])):
        assert told(ask(strict, user("One?"), asked)) == [NOTICE, NOTICE]
    assert told(ask(strict, user("One?"), structured_outputs={"regex": "Alden Crane"})) == [None]
    assert not canned.asked


def test_what_is_redacted_is_cut_where_it_stands(canned: Canned, tmp_path: Path) -> None:
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), tmp_path / "snapshot")
    with running(config_for(canned.base_url, tmp_path / "audit.jsonl"), protection) as gateway:
        canned.play(said("A lamp.", "A lamp."))
        assert told(ask(gateway, user("One?"), user("I met Alden Crane."))) == ["A lamp."] * 2
    sent = canned.last.json["messages"]
    assert sent[0] == user("One?")
    assert "Crane" not in str(sent[1])


def test_no_answer_ends_what_its_own_conversation_began(canned: Canned, strict: Running) -> None:
    canned.play(said(REST, REST))
    for conversations, free in (((user(BEGUN), user("Two?")), 1), ((user("One?"), user(BEGUN)), 0)):
        texts = told(ask(strict, *conversations))
        assert texts[free] == REST
        assert texts[1 - free].endswith(NOTICE)
    canned.play(said("en Crane lives.", "en Crane lives."))
    begun = [*user("Who?"), {"role": "assistant", "content": "It is Ald"}]
    texts = told(ask(strict, begun, user("Two?")))
    assert texts[1] == "en Crane lives."
    assert "Crane" not in texts[0]


@pytest.mark.parametrize(
    ("messages", "fields", "named"),
    [
        ([], {}, "messages"),
        ("Hello!", {}, "messages"),
        ([user("a")] * 9, {}, "messages"),
        ([[]], {}, "messages"),
        ([{"role": "user", "content": "a"}], {}, "messages"),
        ([user("a"), user([{"type": "image_url", "image_url": {"url": "data:,a"}}])], {}, "messages"),
        ([user("a")], {"stream": True}, "stream"),
        ([user("a")], {"n": 2}, "n"),
        ([user("a")], {"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ([user("a")], {"tool_choice": "required"}, "tool_choice"),
        ([user("a")], {"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_is_not_done_for_several_is_an_error(
    canned: Canned, strict: Running, messages: Any, fields: dict[str, Any], named: str
) -> None:
    canned.play(said("A lamp."))
    raw = json.dumps({"model": "demo", "messages": messages, **fields}).encode()
    answered = strict.ask("POST", "/v1/chat/completions/batch", raw, {"Content-Type": "application/json"})
    assert (answered.status, answered.error["param"].split("[")[0]) == (400, named)
    assert not canned.asked


def test_an_answer_nobody_asked_for_is_an_error(canned: Canned, strict: Running) -> None:
    canned.play(said("A lamp.", "A tower."))
    assert ask(strict, user("One?")).error["code"] == "upstream_invalid"
