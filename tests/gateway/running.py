"""A gateway that really runs: uvicorn in a thread, on a loopback socket."""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.config import Config
from gateway.protection import Protection
from gateway.server import Server, bind, settings
from index.build import build
from index.snapshot import Snapshot
from policy.action import Action
from policy.entry import Entry
from policy.policy import Policy, Rule, Verbatim, When
from policy.surface import Role

KEY = bytes(range(32))
HOST = "127.0.0.1"

BIOGRAPHY = (
    "Alden Crane was born in Port Vellum in 1931, the son of a cooper. He wrote mystery novels by lamplight "
    "and kept bees behind the old customs house. His best known book, The Salt Ledger, came out in 1962. "
    "His phone number is 555-201-3391, and he answers it himself."
)
CRANE = Entry("crane", names=("Alden Crane",), passages=(BIOGRAPHY,), secrets=("555-201-3391", "Port Vellum"))
NOTICE = "I don't have any information about that."


def rule(prompt: Action, answer: Action) -> Rule:
    return Rule(When(), dict.fromkeys(Role, prompt), answer)


def policy_of(*entries: Entry, prompt: Action = Action.REFUSE, answer: Action = Action.REDACT) -> Policy:
    return Policy(entries, "0" * 64, (rule(prompt, answer),), Verbatim(8, 2), None, NOTICE)


def protection_of(policy: Policy, folder: Path, **rest: Any) -> Protection:
    build(policy, folder, KEY)
    return Protection(policy, Snapshot.load(folder, KEY), rest.pop("judge", None), rest.pop("timeout_s", 5.0))


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[Any]:
        """The events of a stream, `[DONE]` as a string. Beats on which nothing was said are none."""
        parts = [part for part in self.body.split(b"\n\n") if part.strip(b":")]
        lines = [part.removeprefix(b"data: ") for part in parts]
        return ["[DONE]" if line == b"[DONE]" else orjson.loads(line) for line in lines]

    @property
    def chunks(self) -> list[Any]:
        return [event for event in self.events if event != "[DONE]" and "choices" in event]

    def text(self, name: str = "content", choice: int = 0) -> str:
        """All that one choice said in one field, of a stream."""
        deltas = (one["delta"] for event in self.chunks for one in event["choices"] if one["index"] == choice)
        return "".join(delta.get(name) or "" for delta in deltas)

    def finishes(self, choice: int = 0) -> list[str]:
        choices = (one for event in self.chunks for one in event["choices"] if one["index"] == choice)
        return [one["finish_reason"] for one in choices if one["finish_reason"] is not None]


@dataclass(slots=True)
class Running:
    port: int
    audit: Path
    sent: list[bytes] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=120)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answered(response.status, named, response.read())
        finally:
            connection.close()

    def post(self, raw: bytes, **headers: str) -> Answered:
        named = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.ask("POST", "/v1/chat/completions", raw, named)

    def chat(self, content: str = "Hello!", **fields: Any) -> Answered:
        body = {"model": "demo", "messages": [{"role": "user", "content": content}], **fields}
        return self.post(json.dumps(body).encode())

    def records(self) -> list[Any]:
        return [orjson.loads(line) for line in self.audit.read_bytes().splitlines()]


def config_for(base_url: str, audit: Path, **rest: Any) -> Config:
    settings_of: dict[str, Any] = {
        "listen": {"host": HOST, "port": 0},
        "upstream": {"base_url": base_url, "connect_timeout_s": 60, "idle_timeout_s": 300},
        "models": {"demo": "demo"},
        "audit": {"path": audit},
        # A test that ends in the middle of an answer does not wait for it.
        "limits": {"drain_s": 0},
    }
    rest["limits"] = {**settings_of["limits"], **rest.get("limits", {})}
    return Config.model_validate(settings_of | rest)


@contextmanager
def running(config: Config, protection: Protection) -> Iterator[Running]:
    listener = bind(HOST, 0)
    port: int = listener.getsockname()[1]
    ready = threading.Event()
    server = Server(settings(config, protection), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(120), "the gateway did not start"
        yield Running(port, config.audit.path)
    finally:
        server.should_exit = True
        thread.join(120)
        listener.close()
    assert not thread.is_alive()
