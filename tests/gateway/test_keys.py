"""Who may ask."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.auth import Keyring
from gateway.config_keys import Key
from gateway.errors import ApiError
from tests.gateway.canned import DONE, Canned, said, stream
from tests.gateway.running import Running, config_for, policy_of, protection_of, running

KEYS = [
    {"name": "app", "sha256": hashlib.sha256(b"first").hexdigest()},
    {"name": "team", "blake2b": hashlib.blake2b(b"second", digest_size=32).hexdigest(), "operator": True},
]
HELLO = json.dumps(
    {"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]}
).encode()


@pytest.fixture(scope="module")
def locked(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("locked")
    config = config_for(canned.base_url, folder / "audit.jsonl", keys=KEYS)
    with running(config, protection_of(policy_of(), folder / "snapshot")) as gateway:
        yield gateway


@pytest.mark.parametrize(
    "key", ["", "Bearer", "Bearer ", "Bearer third", "Basic first", "first", "Bearer First", "Bearer first x"]
)
def test_a_missing_or_wrong_key_is_refused(key: str, canned: Canned, locked: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    lines = len(locked.records())
    answered = locked.post(HELLO, Authorization=key) if key else locked.post(HELLO)
    assert answered.status == 401
    assert answered.error["code"] == "invalid_api_key"
    assert answered.headers["www-authenticate"] == "Bearer"
    assert canned.asked == []
    assert len(locked.records()) == lines, "whoever has no key cannot fill the log"


def test_a_key_is_asked_for_before_the_body_is_read(locked: Running) -> None:
    assert locked.post(b"{").status == 401


@pytest.mark.parametrize(("key", "name"), [("first", "app"), ("second", "team")])
def test_a_right_key_is_let_in_under_its_name(key: str, name: str, canned: Canned, locked: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    assert locked.post(HELLO, Authorization=f"Bearer {key}").text() == "Yes."
    assert locked.records()[-1]["key"] == name
    assert "authorization" not in canned.last.headers


def test_models_want_a_key_and_metrics_an_operators(locked: Running) -> None:
    assert locked.ask("GET", "/v1/models").status == 401
    assert locked.ask("GET", "/v1/models", headers={"Authorization": "Bearer first"}).status == 200
    assert locked.ask("GET", "/metrics").status == 401
    assert locked.ask("GET", "/metrics", headers={"Authorization": "Bearer first"}).status == 403
    assert locked.ask("GET", "/metrics", headers={"Authorization": "Bearer second"}).status == 200
    assert locked.ask("GET", "/healthz").status == 200


def test_the_model_server_gets_the_key_of_the_environment(
    canned: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_KEY", "of-the-engine")
    upstream = {"base_url": canned.base_url, "api_key_env": "ENGINE_KEY"}
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", upstream=upstream)
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        canned.play(stream(*said(["Yes."]), DONE))
        gateway.post(HELLO, Authorization="Bearer of-the-client")
        assert canned.last.headers["authorization"] == "Bearer of-the-engine"


def test_every_key_is_compared_whatever_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(got: str, expected: str) -> bool:
        compared.append(expected)
        return got == expected

    monkeypatch.setattr("gateway.auth.hmac.compare_digest", compare)
    keys = Keyring([Key.model_validate(key) for key in KEYS])
    assert keys.name_of(b"Bearer first") == "app"
    assert len(compared) == len(KEYS)


def test_without_keys_everybody_is_let_in() -> None:
    assert Keyring([]).name_of(None) is None
    assert Keyring([]).name_of(b"Bearer anything") is None


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("http://evil.example:8080", 403),
        ("null", 403),
    ],
)
def test_without_keys_a_web_page_from_elsewhere_may_not_ask(
    origin: str, status: int, canned: Canned, strict: Running
) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    assert strict.post(HELLO, Origin=origin).status == status
    assert strict.ask("GET", "/metrics", headers={"Origin": origin}).status == status


def test_with_a_key_a_web_page_may_ask(canned: Canned, locked: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    assert locked.post(HELLO, Origin="http://app.example", Authorization="Bearer first").status == 200


def test_a_header_that_is_no_text_is_no_key() -> None:
    keys = Keyring([Key.model_validate(KEYS[0])])
    with pytest.raises(ApiError):
        keys.name_of(b"\xff\xfe Bearer")
