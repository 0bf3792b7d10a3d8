"""Checks as a client sends them, over real sockets, and what they must never say."""

import json
from typing import Any

from tests.gateway.running import Answered, Running

PATH = "/v1/checks"


def check(gateway: Running, *, headers: dict[str, str] | None = None, **fields: Any) -> Answered:
    named = {"Content-Type": "application/json"} | (headers or {})
    return gateway.ask("POST", PATH, json.dumps(fields).encode(), named)


def verdict(answered: Answered) -> tuple[str, Any]:
    assert answered.status == 200, answered.body
    assert answered.json.keys() == {"id", "object", "created", "status", "modified"}
    return answered.json["status"], answered.json["modified"]


def messages(*contents: str, role: str = "user") -> list[dict[str, str]]:
    return [{"role": role, "content": content} for content in contents]
