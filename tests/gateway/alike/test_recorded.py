"""What real vLLM sent by every API comes through unchanged where it is clean, else without what is forgotten.

Every recorded stream is played three ways: as it was recorded, event by event, and byte by byte.
"""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.wire.measures import api
from tests.gateway.alike.answers import name_of, route_of
from tests.gateway.alike.told import order, streamed, whole
from tests.gateway.canned import Canned, Script
from tests.gateway.recordings import MANIFEST, Recording, recording
from tests.gateway.running import Answered, Running
from tests.gateway.test_recordings import CUTS, FORGOTTEN, by_event

CHAT = "/v1/chat/completions"
# Of chat each is played in its own tests; here it is compared in full.
ALL = [
    name
    for name, kept in MANIFEST.items()
    if kept["engine"].startswith("vllm") and "error" not in name and "return_token_ids" not in kept["request"]
]
NAMES = [name for name, kept in MANIFEST.items() if kept["path"] != CHAT and "error" not in name]
ERRORS = [name for name, kept in MANIFEST.items() if kept["path"] != CHAT and "error" in name]


def innocent(value: Any) -> Any:
    """The request, with another question."""
    match value:
        case str() if "Crane" in value:
            return "Hello!"
        case list():
            return [innocent(each) for each in value]
        case dict():
            return {name: innocent(held) for name, held in value.items()}
    return value


def play(canned: Canned, gateway: Running, kept: Recording, pieces: Iterable[bytes]) -> Answered:
    canned.play(Script(tuple(pieces), kept.status, kept.content_type))
    raw = json.dumps(innocent(kept.request) | {"model": "demo"}).encode()
    return gateway.ask("POST", route_of(name_of(kept.path)), raw, {"Content-Type": "application/json"})


def said(kept: Recording, body: bytes) -> Any:
    contract = api(name_of(kept.path)).contract
    return streamed(contract, body) if kept.request.get("stream") else whole(contract, body)


def cuts(kept: Recording) -> list[list[bytes]]:
    return [cut(kept.body) for cut in (CUTS if kept.request.get("stream") else CUTS[:1])]


@pytest.mark.parametrize("name", ALL)
def test_what_vllm_says_goes_through_unchanged_where_nothing_is_forgotten(
    name: str, canned: Canned, open_gateway: Running
) -> None:
    kept = recording(name)
    answered = play(canned, open_gateway, kept, by_event(kept.body))
    assert answered.status == 200
    assert said(kept, answered.body) == said(kept, kept.body)
    assert order(answered.body) == order(kept.body)


def texts(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                yield from texts(each)


def leaks(kept: Recording, body: bytes) -> list[str]:
    """The forgotten strings in an answer, in any of its events and in any text put together from them."""
    all_of = [body.decode(), *texts(said(kept, body))]
    unescaped = [text.replace("\\n", "\n").replace('\\"', '"') for text in all_of]
    return [one for one in FORGOTTEN if any(one in text for text in (*all_of, *unescaped))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("gateway", ["strict", "ending"])
def test_no_cut_lets_a_forgotten_string_out(
    name: str, gateway: str, canned: Canned, open_gateway: Running, request: pytest.FixtureRequest
) -> None:
    kept = recording(name)
    running: Running = request.getfixturevalue(gateway)
    answered = [play(canned, running, kept, pieces) for pieces in cuts(kept)]
    assert {each.status for each in answered} == {200}
    assert [found for each in answered for found in leaks(kept, each.body)] == []
    first, *others = (said(kept, each.body) for each in answered)
    assert all(other == first for other in others)
    if leaks(kept, kept.body):
        past = play(canned, open_gateway, kept, [kept.body])
        assert leaks(kept, past.body), "the test must be able to fail"
    else:
        assert first == said(kept, kept.body)


@pytest.mark.parametrize("name", ERRORS)
def test_an_engines_error_is_told_in_the_shape_of_the_api(
    name: str, canned: Canned, open_gateway: Running
) -> None:
    kept = recording(name)
    answered = play(canned, open_gateway, kept, [kept.body])
    assert answered.status == kept.status
    shape = {"message", "type"} if "/messages" in kept.path else {"message", "type", "param", "code"}
    assert set(answered.error) == shape
    assert isinstance(answered.error["message"], str)
    assert (answered.json.get("type") == "error") == ("/messages" in kept.path)
