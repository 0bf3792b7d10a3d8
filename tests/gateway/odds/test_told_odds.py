"""Who may ask how likely an answer's tokens were is told of those that were released, and of no others."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import openai
import pytest

from gateway.config import Config
from policy.action import Action
from policy.entry import Entry
from tests.gateway.canned import DONE, Asked, Canned, Script, stream, whole
from tests.gateway.recordings import recording
from tests.gateway.running import (
    CRANE,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)

CLEAN = ("The", " lamp", " turns", " slowly", ".")
FORGOTTEN = ("Call", " Alden", " Crane", " now", ".")
# What the model thought of and did not say.
THOUGHT = ("Alden", " Crane", " 555-201-3391", " Port Vellum")
WAYS = [False, True]


def entry(token: str, place: int) -> dict[str, Any]:
    one = {"token": token, "logprob": -0.25 * place, "bytes": list(token.encode())}
    others = [{"token": each, "logprob": -2.0, "bytes": list(each.encode())} for each in THOUGHT]
    return {**one, "top_logprobs": [one, *others]}


def spoken(*tokens: str) -> Any:
    """As it is asked for. Odds come whether or not anybody asked for them."""

    def answers(asked: Asked) -> Script:
        listed = [entry(token, place) for place, token in enumerate(tokens)]
        if not asked.json.get("stream"):
            message: Any = {"role": "assistant", "content": "".join(tokens)}
            odds = {"content": listed, "refusal": None}
            return whole(
                {"choices": [{"index": 0, "message": message, "logprobs": odds, "finish_reason": "stop"}]}
            )
        events: list[dict[str, Any]] = [
            {"index": 0, "delta": {"content": token}, "logprobs": {"content": [said]}, "finish_reason": None}
            for token, said in zip(tokens, listed, strict=True)
        ]
        events.append({"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"})
        return stream(*(b"data: %b\n\n" % json.dumps({"choices": [one]}).encode() for one in events), DONE)

    return answers


@pytest.fixture(scope="module")
def gateways(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    with ExitStack() as stack:

        def start(name: str, *entries: Entry, **rest: Any) -> Running:
            folder = tmp_path_factory.mktemp(name)
            protection = protection_of(policy_of(*entries, prompt=Action.ALLOW), folder / "snapshot")
            return stack.enter_context(
                running(config_for(canned.base_url, folder / "audit.jsonl", **rest), protection)
            )

        told = {"logprobs": "released"}
        yield {
            "drop": start("drop", CRANE),
            "released": start("released", CRANE, **told),
            "paced": start("paced", CRANE, release_every_ms=20, **told),
            "nothing": start("nothing", **told),
        }


@pytest.fixture(autouse=True)
def _quiet(canned: Canned) -> Iterator[None]:
    yield
    canned.answers = None


def choices(answered: Answered) -> list[Any]:
    """Of the body, or of all events. Beats of a stream are no events."""
    lines = answered.body.split(b"\n")
    events = [line.removeprefix(b"data: ") for line in lines if line.startswith((b"{", b"data: {"))]
    return [choice for event in events for choice in json.loads(event)["choices"]]


def odds(answered: Answered) -> list[dict[str, Any]]:
    """All that is told of tokens."""
    return [
        one for choice in choices(answered) if choice["logprobs"] for one in choice["logprobs"]["content"]
    ]


def said(answered: Answered) -> str:
    return "".join(
        (one.get("delta") or one.get("message") or {}).get("content") or "" for one in choices(answered)
    )


@pytest.mark.parametrize("streamed", WAYS)
@pytest.mark.parametrize("name", ["released", "paced"])
def test_each_token_that_was_released_is_told_with_its_number_and_no_other(
    name: str, streamed: bool, canned: Canned, gateways: dict[str, Running]
) -> None:
    canned.answers = spoken(*CLEAN)
    answered = gateways[name].chat(logprobs=True, top_logprobs=5, stream=streamed)
    assert [(one["token"], one["logprob"]) for one in odds(answered)] == [
        (token, -0.25 * place) for place, token in enumerate(CLEAN)
    ]
    assert all(one["top_logprobs"] == [] for one in odds(answered))
    assert not any(each.strip() in answered.body.decode() for each in THOUGHT)
    assert (canned.last.json["logprobs"], "top_logprobs" in canned.last.json) == (True, False)


def test_of_several_conversations_the_same_is_told(canned: Canned, gateways: dict[str, Running]) -> None:
    canned.answers = spoken(*CLEAN)
    asked = {"model": "demo", "messages": [[{"role": "user", "content": "Hello!"}]], "logprobs": True}
    raw, json_type = json.dumps(asked).encode(), {"Content-Type": "application/json"}
    answered = gateways["released"].ask("POST", "/v1/chat/completions/batch", raw, json_type)
    assert [one["token"] for one in odds(answered)] == list(CLEAN)


@pytest.mark.parametrize("name", ["logprobs", "logprobs_whole"])
def test_of_what_a_real_engine_said_all_tokens_but_the_last_mark_are_told(
    name: str, canned: Canned, gateways: dict[str, Running]
) -> None:
    kept = recording(name)
    canned.play(Script((kept.body,), kept.status, kept.content_type))
    answered = gateways["nothing"].chat(logprobs=True, stream=kept.body.startswith(b"data: "))
    recorded = Answered(kept.status, {}, kept.body)
    expected = [(one["token"], one["logprob"], one["bytes"]) for one in odds(recorded)]
    told = [(one["token"], one["logprob"], one["bytes"]) for one in odds(answered)]
    assert told == expected[: len(told)]
    assert "".join(token for token, _, _ in told) == said(answered) == said(recorded) != ""
    assert {token for token, _, _ in expected[len(told) :]} <= {"<|im_end|>", "</s>", "<|eos|>"}


@pytest.mark.parametrize("streamed", WAYS)
def test_of_what_is_withheld_and_what_follows_nothing_is_told(
    streamed: bool, canned: Canned, gateways: dict[str, Running]
) -> None:
    canned.answers = spoken(*FORGOTTEN)
    answered = gateways["released"].chat(logprobs=True, top_logprobs=5, stream=streamed)
    assert said(answered) == f"Call {NOTICE} now."
    assert [one["token"] for one in odds(answered)] in ([], ["Call"])
    assert not any(each.strip() in answered.body.decode() for each in THOUGHT)


@pytest.mark.parametrize("streamed", WAYS)
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("drop", {"logprobs": True}),
        ("drop", {"logprobs": True, "top_logprobs": 5}),
        ("released", {}),
        ("released", {"logprobs": False}),
        ("released", {"logprobs": None}),
    ],
)
def test_without_leave_or_question_nothing_is_asked_for_or_told(
    name: str, fields: dict[str, Any], streamed: bool, canned: Canned, gateways: dict[str, Running]
) -> None:
    canned.answers = spoken(*CLEAN)
    answered = gateways[name].chat(stream=streamed, **fields)
    assert (said(answered), odds(answered)) == ("".join(CLEAN), [])
    assert "logprobs" not in canned.last.json


@pytest.mark.parametrize("streamed", WAYS)
@pytest.mark.parametrize(
    "prompt", ["Who is Alden Crane?", "He was born in Port Vellum in 1931, the son of a cooper."]
)
def test_where_the_prompt_says_anything_of_it_nothing_is_told(
    prompt: str, streamed: bool, canned: Canned, gateways: dict[str, Running]
) -> None:
    canned.answers = spoken(*CLEAN)
    answered = gateways["released"].chat(prompt, logprobs=True, stream=streamed)
    assert (said(answered), odds(answered)) == ("".join(CLEAN), [])
    assert "logprobs" not in canned.last.json


@pytest.mark.parametrize("streamed", WAYS)
def test_words_that_stand_beside_the_numbers_alone_never_come_out(
    streamed: bool, canned: Canned, gateways: dict[str, Running]
) -> None:
    """A model server that names other tokens than it said."""

    def lying(asked: Asked) -> Script:
        script: Script = spoken(*CLEAN)(asked)
        changed = tuple(
            piece.replace(b'"token": " lamp"', b'"token": " Alden Crane"') for piece in script.pieces
        )
        listed = str(list(b" lamp")).encode()
        crane = str(list(b" Alden Crane")).encode()
        return replace(script, pieces=tuple(piece.replace(listed, crane) for piece in changed))

    canned.answers = lying
    answered = gateways["released"].chat(logprobs=True, stream=streamed)
    assert said(answered) == "".join(CLEAN)
    assert "Alden" not in answered.body.decode()
    assert str(list(b" Alden Crane")) not in json.dumps(odds(answered))
    assert [one["token"] for one in odds(answered)] in ([], ["The"])


def test_the_official_client_reads_them(canned: Canned, gateways: dict[str, Running]) -> None:
    canned.answers = spoken(*CLEAN)
    with openai.OpenAI(base_url=gateways["released"].base_url, api_key="none", max_retries=0) as client:
        asked: Any = {"model": "demo", "messages": [{"role": "user", "content": "Hello!"}], "logprobs": True}
        whole_answer = client.chat.completions.create(**asked).choices[0]
        assert whole_answer.logprobs is not None
        assert [one.token for one in whole_answer.logprobs.content or ()] == list(CLEAN)
        with client.chat.completions.create(**asked, stream=True) as events:
            told = [
                one
                for event in events
                for choice in event.choices
                if choice.logprobs
                for one in choice.logprobs.content or ()
            ]
        assert [bytes(one.bytes or ()).decode() for one in told] == list(CLEAN)


@pytest.mark.parametrize("changed", [{"steering": {"mode": "preferred"}}, {"bias": {"table": "biases"}}])
def test_where_odds_are_changed_they_are_not_told(changed: dict[str, Any]) -> None:
    """The number of a token that was said would tell that another was suppressed."""
    with pytest.raises(ValueError, match="drop where `steering` or `bias` changes the odds"):
        Config.model_validate({"logprobs": "released"} | changed)
