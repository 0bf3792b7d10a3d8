"""Bad input to messages and counts is told in the shape that Anthropic's clients know."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from tests.gateway.canned import Canned, whole
from tests.gateway.running import CRANE, NOTICE, Running, config_for, policy_of, protection_of, running
from tests.gateway.wire.messages.asking import MESSAGES, client, created, prepared
from tests.gateway.wire.messages.spoken import body, text

ROUTES = ("/v1/messages", "/v1/messages/count_tokens")
KEY = "key-of-a-test"


@pytest.fixture(scope="module")
def keyed(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Wants a key, and tells of what it withholds as of an error."""
    folder = tmp_path_factory.mktemp("keyed")
    key = {"name": "app", "sha256": hashlib.sha256(KEY.encode()).hexdigest()}
    config = config_for(canned.base_url, folder / "audit.jsonl", keys=[key], refusal="error")
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as gateway:
        yield gateway


def asked(**fields: Any) -> dict[str, Any]:
    return {"model": "demo", "messages": MESSAGES} | fields


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "expected JSON"),
        (b'{"model": 1', "expected JSON"),
        (asked(messages=[]), "messages"),
        (asked(messages="Hello!"), "messages"),
        (asked(messages=[{"role": "root", "content": "Hello!"}]), "messages[0].role"),
        (
            asked(messages=[{"role": "user", "content": [{"type": "new_block"}]}]),
            "messages[0].content[0].type",
        ),
        (asked(unheard_of=1), "unheard_of"),
        (asked(mcp_servers=[{"type": "url", "url": "http://a", "name": "a"}]), "mcp_servers"),
        (asked(tools=[{"type": "web_search_20250305", "name": "web_search"}]), "tools[0].type"),
        (asked(system=1), "system"),
    ],
)
def test_bad_input_has_the_shape_of_the_api(
    strict: Running, canned: Canned, route: str, raw: Any, said: str
) -> None:
    canned.play(whole({}))
    whole_body = raw if isinstance(raw, bytes) else json.dumps({"max_tokens": 1} | raw).encode()
    if route.endswith("count_tokens") and not isinstance(raw, bytes):
        whole_body = json.dumps(raw).encode()
    answered = strict.ask("POST", route, whole_body, {"Content-Type": "application/json"})
    assert answered.status == 400
    assert answered.json.keys() == {"type", "error"}
    assert answered.json["type"] == "error"
    assert answered.error.keys() == {"type", "message"}
    assert answered.error["type"] == "invalid_request_error"
    assert said in answered.error["message"]
    assert not canned.asked


def test_a_message_needs_a_length(strict: Running) -> None:
    answered = strict.ask(
        "POST", ROUTES[0], json.dumps(asked()).encode(), {"Content-Type": "application/json"}
    )
    assert (answered.status, "max_tokens" in answered.error["message"]) == (400, True)


def test_each_error_is_the_clients_own(strict: Running, canned: Canned) -> None:
    for status, error in (
        (404, anthropic.NotFoundError),
        (413, anthropic.RequestTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (503, anthropic.ServiceUnavailableError),
    ):
        said = {"type": "error", "error": {"type": "BadRequestError", "message": "Too much."}}
        canned.play(whole(said, status))
        with pytest.raises(error) as caught:
            created(strict.base_url)
        told: Any = caught.value.body
        assert told["type"] == "error"
        assert told["error"]["type"].endswith("_error") or told["error"]["type"] == "request_too_large"


def test_the_text_of_an_error_is_guarded(strict: Running, canned: Canned) -> None:
    canned.play(whole({"type": "error", "error": {"message": "Alden Crane is unknown."}}, 400))
    with pytest.raises(anthropic.BadRequestError) as caught:
        created(strict.base_url)
    assert "Crane" not in str(caught.value)


def test_a_key_comes_as_this_client_sends_it(keyed: Running, canned: Canned) -> None:
    canned.play(whole(body([text("A lamp.")], "end_turn")))
    with client(keyed.base_url, api_key=KEY) as asking:
        told = asking.messages.create(**prepared({}))
    assert told.content[0].model_dump()["text"] == "A lamp."
    assert keyed.records()[-1]["key"] == "app"
    for wrong in ("another", KEY + "x"):
        with client(keyed.base_url, api_key=wrong) as asking, pytest.raises(anthropic.AuthenticationError):
            asking.messages.create(**prepared({}))


def test_where_the_operator_wants_it_a_refusal_is_an_error(keyed: Running, canned: Canned) -> None:
    canned.play(whole({}))
    messages: Any = [{"role": "user", "content": "Who is Alden Crane?"}]
    with client(keyed.base_url, api_key=KEY) as asking:
        for ask in (
            lambda: asking.messages.create(**prepared({"messages": messages})),
            lambda: asking.messages.count_tokens(model="demo", messages=messages),
        ):
            with pytest.raises(anthropic.BadRequestError) as caught:
                ask()
            told: Any = caught.value.body
            assert told == {
                "type": "error",
                "error": {"type": "invalid_request_error", "message": NOTICE},
            }
    assert not canned.asked


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_wrong_before_the_body_has_the_same_shape(strict: Running, route: str) -> None:
    answered = strict.ask(
        "POST", route, b"{}", {"Content-Type": "application/json", "Content-Encoding": "br"}
    )
    assert (answered.status, answered.json.keys()) == (415, {"type", "error"})


@pytest.mark.parametrize("route", ROUTES)
def test_a_wrong_method_has_the_same_shape(strict: Running, route: str) -> None:
    answered = strict.ask("GET", route)
    assert (answered.status, answered.headers["allow"]) == (405, "POST")
    assert answered.json.keys() == {"type", "error"}
