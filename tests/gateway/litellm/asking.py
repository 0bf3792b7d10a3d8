"""What LiteLLM sends to a guardrail, over real sockets, and what it makes of the reply."""

import json
from typing import Any

from tests.gateway.running import Answered, Running

PATH = "/beta/litellm_basic_guardrail_api"
FIELDS = {
    "action", "blocked_reason", "texts", "images", "tools", "structured_messages", "stream_holdback_chars"
}  # fmt: skip


def post(gateway: Running, **fields: Any) -> Answered:
    body = {"litellm_call_id": None, "litellm_trace_id": None, "request_data": {}, "model": "demo", **fields}
    return gateway.ask("POST", PATH, json.dumps(body).encode(), {"Content-Type": "application/json"})


def told(answered: Answered) -> Any:
    assert answered.status == 200, answered.body
    assert answered.json.keys() == FIELDS
    return answered.json


def prompt(gateway: Running, *messages: Any, **fields: Any) -> Any:
    """As the proxy shows the messages of a chat request."""
    shown = [said if isinstance(said, dict) else {"role": "user", "content": said} for said in messages]
    texts = [text for message in shown for text in _texts(message)]
    return told(post(gateway, input_type="request", texts=texts, structured_messages=shown, **fields))


def answer(gateway: Running, *texts: str, **fields: Any) -> Any:
    return told(post(gateway, input_type="response", texts=list(texts), **fields))


def call(arguments: str, name: str = "look_up", number: str = "call_1") -> dict[str, Any]:
    return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def streamed(gateway: Running, text: str, cut: int = 7, **fields: Any) -> str:
    """What a client has read when the proxy applies the changes of a stream; it can take nothing back."""
    sent = last = ""
    for end in [*range(cut, len(text), cut), len(text)]:
        reply = answer(gateway, text[:end], **fields)
        assert reply["action"] != "BLOCKED"
        last, held = reply["texts"][0], reply["stream_holdback_chars"][0]
        assert last.startswith(sent), "what was sent stays"
        sent = last[: max(len(sent), len(last) - held)]
    return last


def _texts(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, list):
        return [part["text"] for part in content if "text" in part]
    return [] if content is None else [content]
