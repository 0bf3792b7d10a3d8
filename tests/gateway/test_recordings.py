"""What real engines sent comes through unchanged where it is clean, else without a forgotten string.

Every recorded stream is played three ways: as it was recorded, event by event, and byte by byte.
"""

import json

import pytest

from tests.gateway.canned import Canned, Script
from tests.gateway.recordings import Recording, named, recording, stream_texts, whole_texts
from tests.gateway.running import Answered, Running

FORGOTTEN = ("Alden Crane", "555-201-3391", "son of a cooper. He wrote mystery novels by")


def at_once(body: bytes) -> list[bytes]:
    return [body]


def by_event(body: bytes) -> list[bytes]:
    return [event + b"\n\n" for event in body.split(b"\n\n") if event]


def by_byte(body: bytes) -> list[bytes]:
    return [body[at : at + 1] for at in range(len(body))]


CUTS = [at_once, by_event, by_byte]


def play(canned: Canned, gateway: Running, kept: Recording, pieces: list[bytes]) -> Answered:
    canned.play(Script(tuple(pieces), kept.status, kept.content_type))
    return gateway.chat(
        "Hello!", **{name: value for name, value in kept.fields.items() if name not in SIDE_DOORS}
    )


# Fields that the gateway refuses; the recordings have them to show what would come of them.
SIDE_DOORS = {"return_token_ids"}


@pytest.mark.parametrize("name", named(streamed=True))
def test_a_stream_goes_through_unchanged_where_nothing_is_forgotten(
    name: str, canned: Canned, open_gateway: Running
) -> None:
    kept = recording(name)
    expected = stream_texts(kept.body)
    for cut in CUTS:
        answered = play(canned, open_gateway, kept, cut(kept.body))
        assert answered.status == 200
        assert stream_texts(answered.body) == expected
        assert answered.events[-1] == "[DONE]"


@pytest.mark.parametrize("name", named(streamed=False))
def test_a_whole_answer_goes_through_unchanged_where_nothing_is_forgotten(
    name: str, canned: Canned, open_gateway: Running
) -> None:
    kept = recording(name)
    answered = play(canned, open_gateway, kept, [kept.body])
    assert answered.status == 200
    assert whole_texts(answered.body) == whole_texts(kept.body)
    sent, received = json.loads(kept.body), answered.json
    assert [one["finish_reason"] for one in received["choices"]] == [
        one["finish_reason"] for one in sent["choices"]
    ]
    assert received["usage"]["total_tokens"] == sent["usage"]["total_tokens"]


def leaks(body: bytes) -> list[str]:
    """The forgotten strings in an answer, in any of its events and in any text put together from them."""
    plain = body.decode()
    texts = (
        list(stream_texts(body).values()) if plain.startswith("data:") else list(whole_texts(body).values())
    )
    unescaped = [text.replace("\\n", "\n").replace('\\"', '"') for text in texts]
    return [one for one in FORGOTTEN if any(one in said for said in (plain, *texts, *unescaped))]


@pytest.mark.parametrize("name", named(streamed=True))
@pytest.mark.parametrize("gateway", ["strict", "ending"])
def test_no_cut_of_a_stream_lets_a_forgotten_string_out(
    name: str, gateway: str, canned: Canned, open_gateway: Running, request: pytest.FixtureRequest
) -> None:
    kept = recording(name)
    running: Running = request.getfixturevalue(gateway)
    said: list[dict[tuple[int, str, int], str]] = []
    for cut in CUTS:
        answered = play(canned, running, kept, cut(kept.body))
        assert answered.status == 200
        assert leaks(answered.body) == []
        said.append(stream_texts(answered.body))
        assert answered.events[-1] == "[DONE]"
    assert said[0] == said[1] == said[2]
    if leaks(kept.body):
        assert leaks(play(canned, open_gateway, kept, [kept.body]).body) != [], (
            "the test must be able to fail"
        )
    else:
        assert said[0] == stream_texts(kept.body)


@pytest.mark.parametrize("name", named(streamed=False))
@pytest.mark.parametrize("gateway", ["strict", "ending"])
def test_no_whole_answer_lets_a_forgotten_string_out(
    name: str, gateway: str, canned: Canned, request: pytest.FixtureRequest
) -> None:
    kept = recording(name)
    answered = play(canned, request.getfixturevalue(gateway), kept, [kept.body])
    assert answered.status == 200
    assert leaks(answered.body) == []


SHADOWS = (
    "logprobs",
    "token_ids",
    "prompt_token_ids",
    "prompt_text",
    "stop_reason",
    "routed_experts",
    "bytes",
)


@pytest.mark.parametrize("name", [*named(streamed=True), *named(streamed=False)])
def test_no_answer_says_its_text_in_another_form(name: str, canned: Canned, open_gateway: Running) -> None:
    kept = recording(name)
    body = play(canned, open_gateway, kept, [kept.body]).body.decode()
    for shadow in SHADOWS:
        assert f'"{shadow}":' not in body.replace('"logprobs":null', "")


@pytest.mark.parametrize("name", named(streamed=True, errors=True) + named(streamed=False, errors=True))
def test_an_engines_error_is_told_in_the_shape_of_the_api(
    name: str, canned: Canned, open_gateway: Running
) -> None:
    kept = recording(name)
    answered = play(canned, open_gateway, kept, [kept.body])
    event = answered.events[-2] if answered.body.startswith(b"data:") else answered.json
    assert set(event["error"]) == {"message", "type", "param", "code"}
    assert isinstance(event["error"]["message"], str)
    assert event["error"]["code"] is None or isinstance(event["error"]["code"], str)
