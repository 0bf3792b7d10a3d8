"""What the gateway relies on in the engines it starts: they answer, under the public name, and only there."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gateway.wire.contract import load_contract
from tests.gateway.wire.comparing import compare_request
from unsay.engine import Engine

GOLDEN = Path(__file__).parents[1] / "golden"
ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hello!"}],
    "max_tokens": 4,
    "temperature": 0,
}


def post(engine: Engine, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{engine.base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def name_it_answers_under(engine: Engine) -> str:
    """It answers nobody who asks for another."""
    answer = post(engine, {"model": engine.model, **ASKED})
    assert isinstance(answer["choices"][0]["message"]["content"], str)
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(engine, {"model": "another", **ASKED})
    caught.value.close()
    assert caught.value.code in (400, 404)
    return engine.model


def test_transformers_answers_under_the_public_name(transformers_engine: Engine) -> None:
    assert name_it_answers_under(transformers_engine) == "demo"


@pytest.mark.vllm
def test_vllm_answers_under_the_public_name(vllm_engine: Engine) -> None:
    assert name_it_answers_under(vllm_engine) == "demo"


@pytest.mark.vllm
def test_the_recordings_are_of_this_vllm(vllm_engine: Engine) -> None:
    """Other versions frame streams otherwise: record again (tests/golden/README.md) when this fails."""
    with urllib.request.urlopen(f"http://127.0.0.1:{vllm_engine.port}/version", timeout=300) as response:
        version = json.load(response)["version"]
    manifest = json.loads((GOLDEN / "manifest.json").read_text())
    recorded = {entry["engine"] for entry in manifest.values()}
    assert {engine for engine in recorded if engine.startswith("vllm")} == {f"vllm {version}"}


@pytest.mark.vllm
@pytest.mark.parametrize("wire", ["chat", "completions", "responses", "messages", "count_tokens"])
def test_every_field_that_a_running_vllm_takes_has_its_treatment(vllm_engine: Engine, wire: str) -> None:
    """By its own OpenAPI document; what it says, and what other models take, is compared without one."""
    contract = load_contract(wire)
    with urllib.request.urlopen(f"http://127.0.0.1:{vllm_engine.port}/openapi.json", timeout=60) as response:
        document = json.load(response)
    route = document["paths"][contract.route.split()[1]]["post"]
    asked = route["requestBody"]["content"]["application/json"]["schema"]
    found = compare_request(contract, asked | {"$defs": document["components"]["schemas"]})
    assert found.complaints == []
    assert found.fields > 20
