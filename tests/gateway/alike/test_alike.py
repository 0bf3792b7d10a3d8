"""What is clean is answered through the gateway as it is without, by every API.

Rule: what may differ is read from the contracts' data: what they drop, and what the gateway says itself (ids,
times, names). Requests are drawn from the contracts, and answers depend on what these let through.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from gateway.wire.measures import api
from tests.gateway.alike.answers import ANSWERS, answered, let_through, route_of
from tests.gateway.alike.told import order, streamed, whole
from tests.gateway.alike.wanted import wanted
from tests.gateway.canned import Asked, Canned, stream
from tests.gateway.running import Running
from tests.laws import CASES

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def answering(canned: Canned) -> Canned:
    canned.play(stream())
    canned.answers = answered
    return canned


@pytest.mark.law
@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_clean_is_answered_as_without(name: str, answering: Canned, strict: Running) -> None:
    tried = 0

    @settings(max_examples=-(-CASES // len(ANSWERS)))
    @given(wanted(name))
    def same(body: dict[str, Any]) -> None:
        nonlocal tried
        tried += 1
        compare(name, body, answering, strict)

    same()
    assert tried >= CASES // len(ANSWERS)


def compare(name: str, body: dict[str, Any], answering: Canned, gateway: Running) -> None:
    own, raw = api(name), json.dumps(body).encode()
    through = gateway.ask("POST", route_of(name), raw, JSON)
    assert through.status == 200, through.body
    sent = answering.last
    assert sent.json == {"model": "demo"} | let_through(name, body)
    direct = b"".join(answered(Asked(sent.path, {}, raw)).pieces)
    if body.get("stream"):
        assert streamed(own.contract, through.body) == streamed(own.contract, direct)
        assert order(through.body) == order(direct)
    else:
        assert whole(own.contract, through.body) == whole(own.contract, direct)
