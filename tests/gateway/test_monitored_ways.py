"""Whatever way a text takes through the gateway, what is only monitored of it is told, and nothing else."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.protection import Protection
from policy.action import Action
from tests.gateway.canned import Asked, Canned, Script, spoken, whole
from tests.gateway.litellm.asking import answer, call, prompt
from tests.gateway.rewriting.author import Author
from tests.gateway.running import CRANE, Answered, Running, config_for, policy_of, protection_of, running
from tests.gateway.test_monitoring import KEEPER, MONITORED, shadow_of, told

NAMED = "Who is Osric Vane?"
SAYS = f"He lives by the sea. {KEEPER} He likes his tea."
Gateway = Callable[..., Running]


@pytest.fixture
def canned_again(canned: Canned) -> Iterator[Canned]:
    canned.asked.clear()
    yield canned
    canned.answers = None


@contextmanager
def watching(
    canned: Canned,
    folder: Path,
    prompt: Action = Action.REFUSE,
    answer: Action = Action.REDACT,
    **config: Any,
) -> Iterator[Running]:
    whole = protection_of(policy_of(CRANE, prompt=prompt, answer=answer), folder / "snapshot")
    protection = Protection(whole.policy, whole.snapshot, None, 5.0, shadow=shadow_of(folder / "all", whole))
    with running(config_for(canned.base_url, folder / "audit.jsonl", **config), protection) as gateway:
        yield gateway


def post(gateway: Running, path: str, **body: Any) -> Answered:
    raw = json.dumps(body).encode()
    return gateway.ask("POST", path, raw, {"Content-Type": "application/json"})


def surfaces(line: Any) -> set[str]:
    assert {one["entry"] for one in line["findings"]} <= {MONITORED.id}
    return {one["surface"] for one in line["findings"]}


VECTOR = whole({"data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]})
RANKED = whole({"results": [{"index": 0, "relevance_score": 0.5, "document": {"text": NAMED}}]})


@pytest.mark.parametrize(
    ("path", "body", "script"),
    [
        ("/v1/embeddings", {"input": [NAMED, "A lamp."]}, VECTOR),
        ("/v1/rerank", {"query": "Who?", "documents": [NAMED]}, RANKED),
        (
            "/v1/messages/count_tokens",
            {"messages": [{"role": "user", "content": NAMED}]},
            whole({"input_tokens": 3}),
        ),
    ],
)
def test_what_is_measured(
    path: str, body: dict[str, Any], script: Script, canned_again: Canned, tmp_path: Path
) -> None:
    canned_again.play(script)
    with watching(canned_again, tmp_path) as gateway:
        answered = post(gateway, path, model="demo", **body)
        (line,) = told(gateway)
    assert line["request"] == answered.headers["x-request-id"]
    assert (line["outcome"], surfaces(line)) == ("refused", {"prompt"})
    assert canned_again.last.json["model"] == "demo", "it went on"
    assert "Osric" in canned_again.last.body.decode()


@pytest.mark.parametrize(
    ("fields", "outcome", "where"),
    [
        ({"input": NAMED}, "refused", {"prompt"}),
        ({"messages": [{"role": "user", "content": NAMED}]}, "refused", {"prompt"}),
        ({"input": SAYS, "surface": "answer"}, "withheld", {"content"}),
    ],
)
def test_what_is_checked(
    fields: dict[str, Any], outcome: str, where: set[str], canned_again: Canned, tmp_path: Path
) -> None:
    with watching(canned_again, tmp_path) as gateway:
        assert post(gateway, "/v1/checks", **fields).json["status"] == "passed"
        (line,) = told(gateway)
    assert (line["outcome"], surfaces(line)) == (outcome, where)


def test_a_check_that_is_blocked_is_looked_through_too(canned_again: Canned, tmp_path: Path) -> None:
    with watching(canned_again, tmp_path) as gateway:
        assert post(gateway, "/v1/checks", input=f"{NAMED} And Alden Crane?").json["status"] == "blocked"
        (line,) = told(gateway)
    assert surfaces(line) == {"prompt"}


def test_what_litellm_shows_of_prompts_and_answers(canned_again: Canned, tmp_path: Path) -> None:
    with watching(canned_again, tmp_path, prompt=Action.ALLOW, litellm={"changes": "all"}) as gateway:
        assert prompt(gateway, "Who keeps the lighthouse?", litellm_call_id="1")["action"] == "NONE"
        assert answer(gateway, SAYS, litellm_call_id="1")["action"] == "NONE"
        assert answer(gateway, "Yes.", tool_calls=[call(json.dumps({"say": KEEPER}))])["action"] == "NONE"
        lines = told(gateway, 2)
    assert [(line["outcome"], surfaces(line)) for line in lines] == [
        ("withheld", {"content"}),
        ("withheld", {"arguments"}),
    ]


def test_what_litellms_prompt_supplied_its_answer_may_say_again(canned_again: Canned, tmp_path: Path) -> None:
    with watching(canned_again, tmp_path, prompt=Action.ALLOW, litellm={"changes": "all"}) as gateway:
        prompt(gateway, f"Say it again: {KEEPER}", litellm_call_id="1")
        answer(gateway, KEEPER, litellm_call_id="1")
        answer(gateway, KEEPER, litellm_call_id="of nobody")
        lines = told(gateway, 3)
    assert [line["outcome"] for line in lines] == ["passed", "passed", "withheld"]
    (provenance,) = {one["provenance"] for one in lines[1]["findings"]}
    assert provenance == "in_context"


def test_what_is_sent_in_place_of_an_answer_that_was_rewritten(canned_again: Canned, tmp_path: Path) -> None:
    author = Author(
        drafts=["Alden Crane was born in Port Vellum."], others=["Hi."], rewrites=["He wrote. " + KEEPER]
    )
    canned_again.answers = author.answer
    with watching(canned_again, tmp_path, Action.ALLOW, Action.REWRITE, rewrite={"candidates": 0}) as gateway:
        said = gateway.chat("Who is Alden Crane?").json["choices"][0]["message"]["content"]
        (line,) = told(gateway)
    assert KEEPER in said
    assert (line["outcome"], surfaces(line)) == ("withheld", {"content"})


@pytest.mark.parametrize("stream", [False, True])
def test_the_one_of_two_answers_that_is_given(stream: bool, canned_again: Canned, tmp_path: Path) -> None:
    def says(asked: Asked) -> Script:
        twin = "Vellum" not in asked.body.decode()
        return spoken(SAYS if twin else "He was born in Port Vellum.", asked)

    canned_again.answers = says
    with watching(canned_again, tmp_path, prompt=Action.FLAG, twin_check=True) as gateway:
        gateway.chat("Alden Crane was born in Port Vellum.\nWhere was he born?", stream=stream)
        (line,) = told(gateway)
    assert (line["outcome"], surfaces(line)) == ("withheld", {"content"})
