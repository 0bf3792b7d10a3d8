"""Responses go every way that chat goes: to the process for large texts, at fixed moments, written anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy.action import Action
from tests.gateway.canned import Asked, Canned, Script, completion, stream, whole
from tests.gateway.running import CRANE, NOTICE, Running, config_for, policy_of, protection_of, running
from tests.gateway.wire.responses.spoken import message, spoken

LEAK = "He lives by the sea. He was born in Port Vellum. He likes his tea."
ANEW = "He lives by the sea, and he likes his tea."


@pytest.fixture(autouse=True)
def quiet(canned: Canned) -> Iterator[None]:
    canned.play(stream())
    yield
    canned.answers = None


def told(gateway: Running, text: str = "Hello!", **fields: Any) -> Any:
    """The response, whole or as the last event holds it."""
    asked = json.dumps({"model": "demo", "input": text, **fields}).encode()
    answered = gateway.ask("POST", "/v1/responses", asked, {"Content-Type": "application/json"})
    assert answered.status == 200
    if not fields.get("stream"):
        return answered.json
    events = [json.loads(part.split(b"data: ")[1]) for part in answered.body.split(b"\n\n") if part]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    return events[-1]["response"]


def said(response: Any) -> str:
    return "".join(part["text"] for item in response["output"] for part in item["content"])


@pytest.mark.parametrize("streamed", [False, True])
def test_large_texts_are_read_elsewhere_and_guarded(canned: Canned, strict: Running, streamed: bool) -> None:
    long = "The lamp of the harbour turns slowly. " * 8000
    canned.answers = spoken(message(f"{long}Call 555-201-3391, he says."))
    answered = said(told(strict, long[:40_000], stream=streamed))
    assert answered == f"{long}Call {NOTICE}, he says."
    assert said(told(strict, f"{long[:40_000]} Who is Alden Crane?", stream=streamed)) == NOTICE


def test_at_fixed_moments_the_same_is_said(canned: Canned, tmp_path: Path) -> None:
    canned.answers = spoken(message("The ", "lamp ", "turns ", "for ", "Alden ", "Crane."))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", release_every_ms=20)
    with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
        assert said(told(gateway, stream=True)) == f"The lamp turns for {NOTICE}"


def test_an_answer_is_written_anew_by_way_of_chat(canned: Canned, tmp_path: Path) -> None:
    def answers(asked: Asked) -> Script:
        if asked.path.endswith("/responses"):
            script: Script = spoken(message(LEAK))(asked)
            return script
        return whole(completion(ANEW))

    canned.answers = answers
    policy = policy_of(CRANE, prompt=Action.ALLOW, answer=Action.REWRITE)
    config = config_for(canned.base_url, tmp_path / "audit.jsonl")
    with running(config, protection_of(policy, tmp_path / "snapshot")) as gateway:
        for streamed in (False, True):
            response = told(gateway, "Who is Alden Crane?", stream=streamed, max_output_tokens=50)
            assert (said(response), response["status"]) == (ANEW, "completed")
        assert gateway.records()[-1]["rewritten"]["how"] == "rewritten"
