"""Every API of the gateway, by its routes: the least that it is asked, where text stands, how it says no."""

import json
from dataclasses import dataclass
from typing import Any

from tests.gateway.bad.ground import error_of
from tests.gateway.running import Answered

PLANTED = "Alden Crane, 555-201-3391"
# Words of Anthropic's for a status.
KINDS = {401: "authentication_error", 404: "not_found_error", 413: "request_too_large"}


@dataclass(frozen=True, slots=True)
class Api:
    """`text`: the field that holds the text, in a shape of its own."""

    route: str
    text: str
    rest: tuple[tuple[str, Any], ...] = ()
    anthropic: bool = False

    def said(self, text: str = "Hello!", **more: Any) -> bytes:
        held: Any = text
        if self.text == "messages":
            held = [{"role": "user", "content": text}]
            held = [held] if self.route.endswith("batch") else held
        elif self.text == "texts":
            held = [text]
        return json.dumps({"model": "demo", self.text: held, **dict(self.rest), **more}).encode()

    def reason(self, answered: Answered) -> tuple[int, str, str]:
        """The status, the code or what the API has in its place, and the message of an error."""
        if not self.anthropic:
            error = error_of(answered)
            assert set(error) == {"message", "type", "param", "code"}
            return answered.status, error["code"], error["message"]
        told = answered.json
        assert (set(told), told["type"]) == ({"type", "error"}, "error")
        assert set(told["error"]) == {"type", "message"}
        return answered.status, told["error"]["type"], told["error"]["message"]

    def named(self, status: int, code: str) -> str:
        return KINDS.get(status, "invalid_request_error") if self.anthropic else code


MOST = (("max_tokens", 16),)
APIS = (
    Api("/v1/chat/completions", "messages"),
    Api("/v1/chat/completions/batch", "messages"),
    Api("/v1/completions", "prompt"),
    Api("/v1/responses", "input"),
    Api("/v1/messages", "messages", MOST, anthropic=True),
    Api("/v1/messages/count_tokens", "messages", anthropic=True),
    Api("/v1/embeddings", "input"),
    *(
        Api(route, "query", (("documents", ["A lamp."]),))
        for route in ("/v1/rerank", "/rerank", "/v2/rerank")
    ),
    *(Api(route, "text_1", (("text_2", "A lamp."),)) for route in ("/v1/score", "/score")),
    Api("/v1/checks", "input"),
    Api("/beta/litellm_basic_guardrail_api", "texts", (("input_type", "request"),)),
)
