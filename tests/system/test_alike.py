"""Generated requests are answered by a real vLLM through the gateway as past it.

Rule: past the gateway vLLM is asked for what the contract lets through, since what is dropped may change an
answer. It is asked twice: where its own two answers differ, nothing is compared.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from gateway.wire.measures import api
from tests.gateway.alike.answers import let_through, route_of
from tests.gateway.alike.told import events, order, streamed, whole
from tests.gateway.alike.wanted import wanted
from tests.gateway.running import CRANE, Answered, Running, config_for, policy_of, protection_of, running
from unsay.engine import Engine

pytestmark = [pytest.mark.vllm, pytest.mark.long]

JSON = {"Content-Type": "application/json"}
NAMES = ["chat", "batch", "completions", "responses", "messages", "count_tokens"]
EACH = 30
SHORT = 16
LENGTHS = {"max_tokens", "max_output_tokens"}


@pytest.fixture(scope="module")
def before(vllm_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway that forgets someone of whom the model knows nothing: all that it says is clean."""
    folder = tmp_path_factory.mktemp("before")
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    with running(config_for(vllm_engine.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


def short(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Greedy, and of few words. Nothing that forces a form on a model so small: it goes on for ever."""
    forms = {"response_format", "structured_outputs", "text", "output_config"}
    kept = {field: held for field, held in body.items() if field not in forms}
    lengths = LENGTHS & api(name).contract.shapes["request"].keys()
    return kept | ({"temperature": 0} if lengths else {}) | dict.fromkeys(lengths, SHORT)


def past(engine: Engine, name: str, body: dict[str, Any]) -> Answered:
    raw = json.dumps({"model": "demo"} | let_through(name, body)).encode()
    return Running(engine.port, engine.spec.folder).ask("POST", f"/v1/{api(name).path}", raw, JSON)


def told(name: str, body: dict[str, Any], answered: Answered) -> Any:
    """All that a client makes of it; of an error its status. One that begins a stream has none at vLLM."""
    contract = api(name).contract
    if body.get("stream"):
        failed = answered.status != 200 or any("error" in event for event in events(answered.body))
        return "an error" if failed else _of_stream(name, answered.body)
    return whole(contract, answered.body) if answered.status == 200 else answered.status


def _of_stream(name: str, raw: bytes) -> Any:
    return streamed(api(name).contract, raw), order(raw)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_engine_answers_through_the_gateway_as_past_it(
    name: str, vllm_engine: Engine, before: Running
) -> None:
    seen: list[int] = []

    @settings(max_examples=EACH, phases=[Phase.generate])
    @given(wanted(name))
    def same(drawn: dict[str, Any]) -> None:
        body = short(name, drawn)
        first = past(vllm_engine, name, body)
        through = before.ask("POST", route_of(name), json.dumps(body).encode(), JSON)
        alone = told(name, body, first)
        if alone == told(name, body, past(vllm_engine, name, body)):
            seen.append(first.status)
            assert told(name, body, through) == alone

    same()
    assert seen.count(200) > EACH // 5
    assert len(seen) > EACH * 3 // 4
