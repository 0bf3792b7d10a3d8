"""Clients ask for public names and get public names back; by any other name there is no model."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.canned import Canned, stream, whole
from tests.gateway.routing.doors import ALIAS, BASE, DOORS, PUBLIC, SAID, UNLEARNED, WAYS
from tests.gateway.running import CRANE, Answered, Running, config_for, policy_of, protection_of, running

MODELS = {
    PUBLIC: {"model": BASE, "unlearned": UNLEARNED, "aliases": [ALIAS]},
    "second": "acme-second",
}
KEYS = [
    {"name": "all", "sha256": hashlib.sha256(b"all").hexdigest()},
    {"name": "few", "sha256": hashlib.sha256(b"few").hexdigest(), "models": [PUBLIC]},
]
CARDS = [{"id": UNLEARNED, "root": "/weights/acme", "parent": BASE}, {"id": BASE, "root": BASE}]
LISTED = whole({"object": "list", "data": CARDS})


@pytest.fixture(scope="module")
def routed(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("routed")
    config = config_for(canned.base_url, folder / "audit.jsonl", models=MODELS, keys=KEYS)
    with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def _listing(canned: Canned) -> Iterator[None]:
    before, canned.models = canned.models, LISTED
    yield
    canned.models, canned.answers = before, None


def told(answered: Answered) -> str:
    """All that a client gets: its status is no name."""
    return json.dumps(answered.headers).lower() + answered.body.decode().lower()


def asked_of(answered: Answered) -> set[str]:
    """The models that an answer says it is of."""
    lines = [line.removeprefix("data: ") for line in answered.body.decode().splitlines()]
    values = [json.loads(line) for line in lines if line.startswith("{")]
    return {name for value in values for name in _models(value)}


def _models(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, held in value.items():
                yield from [held] if key == "model" else _models(held)
        case list():
            for item in value:
                yield from _models(item)


@pytest.mark.parametrize("name", [PUBLIC, ALIAS])
@pytest.mark.parametrize(("wire", "streamed"), WAYS)
def test_the_unlearned_model_answers_under_the_name_that_was_asked_for(
    wire: str, streamed: bool, name: str, canned: Canned, routed: Running
) -> None:
    door = DOORS[wire]
    canned.answers = door.naming(UNLEARNED)
    fields = {"stream": True} if streamed else {}
    answered = door.ask(routed, "all", model=name, **fields)
    assert (answered.status, canned.last.json["model"]) == (200, UNLEARNED)
    assert asked_of(answered) == (set() if wire == "count_tokens" else {name})
    assert "acme" not in told(answered)
    record = routed.records()[-1]
    assert (record["model"], record["upstream_model"]) == (name, UNLEARNED)


@pytest.mark.parametrize(("wire", "streamed"), WAYS)
def test_what_the_model_says_comes_through(
    wire: str, streamed: bool, canned: Canned, routed: Running
) -> None:
    """Or the test above would show nothing."""
    door = DOORS[wire]
    canned.answers = door.naming(BASE)
    answered = door.ask(routed, "all", **({"stream": True} if streamed else {}))
    assert answered.status == 200
    says = "embeddings score count_tokens"
    assert wire in says.split() or SAID.split()[0] in answered.body.decode()


@pytest.mark.parametrize("key", ["all", "few"])
@pytest.mark.parametrize("wire", DOORS)
def test_a_name_that_is_not_public_is_no_model_whatever_it_is(
    wire: str, key: str, canned: Canned, routed: Running
) -> None:
    canned.play(whole({}))
    hidden = [BASE, UNLEARNED, "acme-second", "/weights/acme"] + (["second", ALIAS] if key == "few" else [])
    unknown = DOORS[wire].ask(routed, key, model="nobody")
    for name in hidden:
        answered = DOORS[wire].ask(routed, key, model=name)
        assert (answered.status, answered.body) == (404, unknown.body)
        assert answered.headers.keys() == unknown.headers.keys()
    assert canned.asked == []


@pytest.mark.parametrize(("key", "names"), [("all", [PUBLIC, ALIAS, "second"]), ("few", [PUBLIC])])
def test_a_key_is_shown_the_models_that_it_may_ask_for(key: str, names: list[str], routed: Running) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    listed = routed.ask("GET", "/v1/models", headers=headers)
    assert [model["id"] for model in listed.json["data"]] == names
    assert "acme" not in told(listed)
    for name in (PUBLIC, ALIAS, "second", BASE, "nobody"):
        expected = 200 if name in names else 404
        assert routed.ask("GET", f"/v1/models/{name}", headers=headers).status == expected


def test_a_key_of_one_model_need_not_name_it(canned: Canned, routed: Running) -> None:
    canned.answers = DOORS["chat"].naming(BASE)
    assert DOORS["chat"].ask(routed, "few", model=None).json["model"] == PUBLIC
    assert DOORS["chat"].ask(routed, "all", model=None).status == 400


@pytest.mark.parametrize("name", [BASE, UNLEARNED, UNLEARNED.upper(), "/weights/acme"])
@pytest.mark.parametrize("wire", DOORS)
def test_an_error_that_says_a_hidden_name_is_told_without_words(
    wire: str, name: str, canned: Canned, routed: Running
) -> None:
    canned.play(whole({"error": {"message": f"The model '{name}' is too small."}}, 400))
    answered = DOORS[wire].ask(routed, "all")
    assert answered.status == 400
    assert answered.error["message"] == "The model server did not accept the request."
    assert "acme" not in told(answered)


@pytest.mark.parametrize("wire", DOORS)
def test_an_error_that_says_none_is_told(wire: str, canned: Canned, routed: Running) -> None:
    canned.play(whole({"error": {"message": "The context is 16 tokens long."}}, 400))
    assert DOORS[wire].ask(routed, "all").error["message"] == "The context is 16 tokens long."


@pytest.mark.parametrize("wire", [name for name, door in DOORS.items() if door.streams])
def test_an_error_in_a_stream_that_says_a_hidden_name_is_told_without_words(
    wire: str, canned: Canned, routed: Running
) -> None:
    for said, told_as in ((f"{BASE} fell over.", "did not accept"), ("It fell over.", "It fell over.")):
        canned.play(stream(b'data: {"type": "error", "error": {"message": "%b"}}\n\n' % said.encode()))
        answered = DOORS[wire].ask(routed, "all", stream=True)
        assert told_as in answered.body.decode()
        assert "acme" not in told(answered)


def test_of_another_keys_models_an_error_says_nothing(canned: Canned, routed: Running) -> None:
    canned.play(whole({"error": {"message": "Ask second instead."}}, 400))
    assert "second" in DOORS["chat"].ask(routed, "all").body.decode()
    assert "second" not in DOORS["chat"].ask(routed, "few").body.decode()


def test_where_nobody_knows_what_is_hidden_an_error_is_told_without_words(
    canned: Canned, tmp_path: Path
) -> None:
    canned.models = whole({}, 500)
    canned.play(whole({"error": {"message": "Some name."}}, 400))
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models=MODELS)
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        assert DOORS["chat"].ask(gateway).error["message"] == "The model server did not accept the request."


@pytest.mark.parametrize(
    ("cards", "asked"), [(CARDS, UNLEARNED), (CARDS[1:], BASE), ([], UNLEARNED)], ids=["both", "base", "none"]
)
def test_a_model_that_may_fall_back_is_asked_where_its_unlearned_form_is_not_served(
    cards: list[dict[str, str]], asked: str, canned: Canned, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    canned.models = whole({"object": "list", "data": cards})
    canned.answers = DOORS["chat"].naming(BASE)
    models = {PUBLIC: {"model": BASE, "unlearned": UNLEARNED, "fall_back": True}}
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models=models)
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        answered = DOORS["chat"].ask(gateway)
        assert (answered.json["model"], canned.last.json["model"]) == (PUBLIC, asked)
        assert "acme" not in told(answered)
        assert gateway.records()[-1]["upstream_model"] == asked
    assert ("is asked for as it is" in caplog.text) == (asked == BASE)
