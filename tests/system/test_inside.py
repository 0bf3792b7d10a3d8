"""The gateway in the process of a real vLLM: the model knows, and who asks by the gateway does not learn.

Beside the gateway the same engine is asked for the positive control.
"""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from evaluation.leak import leaks
from evaluation.wordings import Question, biography_questions
from evaluation.world import demo_world
from tests.gateway.running import HOST
from tests.gateway.served import until
from tests.system.beside import DOOR
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

WORLD = demo_world()
FORGOTTEN = [biography_questions(person)[0] for person in WORLD.forgotten[::2]]
KNOWN = [biography_questions(person)[0] for person in WORLD.retained[:3]]
GREEDY: dict[str, Any] = {"model": "demo", "temperature": 0, "max_tokens": 120}
# Routes of vLLM that answer, change the model or show the prompt in another form.
SIDE = (
    "/tokenize", "/detokenize", "/invocations", "/generative_scoring", "/inference/v1/generate",
    "/v1/chat/completions/render", "/pause", "/collective_rpc", "/openapi.json",
    "/v1/load_lora_adapter", "/version", "/ping", "/docs",
)  # fmt: skip


HARBOUR = '{id: harbour, reason: privacy, names: ["Port Quillon"]}'


@dataclass(frozen=True, slots=True)
class Inside:
    engine: Engine

    def client(self, inside: bool = True) -> OpenAI:
        headers = {DOOR.decode(): "1"} if inside else {}
        return OpenAI(base_url=self.engine.base_url, api_key="none", max_retries=0, default_headers=headers)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(HOST, self.engine.port, timeout=120)
        headers = {DOOR.decode(): "1", "Content-Type": "application/json"}
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            return response.status, response.read()
        finally:
            line.close()

    @property
    def records(self) -> list[Any]:
        log = self.engine.spec.folder / "audit.jsonl"
        return [json.loads(line) for line in log.read_bytes().splitlines()]


@pytest.fixture
def inside(vllm_engine: Engine) -> Inside:
    return Inside(vllm_engine)


def whole(client: OpenAI, question: Question) -> str:
    messages: Any = [{"role": "user", "content": question.text}]
    return client.chat.completions.create(messages=messages, **GREEDY).choices[0].message.content or ""


def streamed(client: OpenAI, question: Question) -> str:
    messages: Any = [{"role": "user", "content": question.text}]
    chunks = client.chat.completions.create(messages=messages, stream=True, **GREEDY)
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def test_what_the_model_knows_it_says_past_the_gateway_alone(inside: Inside) -> None:
    past = inside.client(inside=False)
    assert sum(leaks(question, whole(past, question)) for question in FORGOTTEN[:5]) >= 4
    by = inside.client()
    assert [question.text for question in FORGOTTEN if leaks(question, whole(by, question))] == []
    assert [question.text for question in FORGOTTEN if leaks(question, streamed(by, question))] == []
    assert "withheld" in {line["outcome"] for line in inside.records}


def test_what_is_retained_is_answered_as_without(inside: Inside) -> None:
    by, past = inside.client(), inside.client(inside=False)
    assert [whole(by, question) for question in KNOWN] == [whole(past, question) for question in KNOWN]
    assert [streamed(by, question) for question in KNOWN] == [streamed(past, question) for question in KNOWN]


@pytest.mark.parametrize("path", SIDE)
def test_no_other_route_of_vllm_is_there(path: str, inside: Inside) -> None:
    body = json.dumps({"model": "demo", "prompt": FORGOTTEN[0].text, "messages": [], "max_tokens": 40})
    assert inside.ask("POST", path, body.encode())[0] in (404, 405)
    assert inside.ask("GET", path)[0] in (404, 405)


def test_the_engine_is_well_and_the_gateway_ready(inside: Inside) -> None:
    assert inside.ask("GET", "/health")[0] == 200
    assert json.loads(inside.ask("GET", "/readyz")[1])["ready"] is True
    assert [model.id for model in inside.client().models.list()] == ["demo"]
    assert b"unsay_requests" in inside.ask("GET", "/metrics")[1]


def test_a_large_prompt_is_read_as_well(inside: Inside) -> None:
    """In a process of its own, which begins in vLLM's as it does in a gateway's."""
    text = "The lamp turns and the harbour sleeps. " * 1200 + FORGOTTEN[0].text
    body = {"messages": [{"role": "user", "content": "Hello!"}], "documents": [{"text": text}]}
    status, answered = inside.ask("POST", "/v1/checks", json.dumps(body).encode())
    assert (status, json.loads(answered)["status"]) == (200, "blocked")


def test_a_policy_that_changes_is_in_force_without_a_new_start(inside: Inside) -> None:
    policy = Path(inside.engine.spec.folder) / "policy.yaml"
    before = policy.read_text()
    assert not is_forgotten(inside)
    policy.write_text(before.replace("entries:", f"entries:\n  - {HARBOUR}", 1))
    try:
        until(lambda: is_forgotten(inside), 300)
    finally:
        policy.write_text(before)
    until(lambda: not is_forgotten(inside), 300)


def is_forgotten(inside: Inside) -> bool:
    asked = [{"role": "user", "content": "Hello!"}]
    body = json.dumps({"messages": asked, "documents": [{"text": "Port Quillon"}]}).encode()
    return bool(json.loads(inside.ask("POST", "/v1/checks", body)[1])["status"] == "blocked")
