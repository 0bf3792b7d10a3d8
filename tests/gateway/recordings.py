"""The recorded streams of real engines, and what they say, read without any code of the gateway."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
MANIFEST: dict[str, Any] = json.loads((GOLDEN / "manifest.json").read_text())

# Of a text: choice, field, number of the tool call.
Place = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    status: int
    content_type: str
    path: str
    request: dict[str, Any]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """What was asked for, the messages left out."""
        return {name: value for name, value in self.request.items() if name not in ("messages", "model")}


def recording(name: str) -> Recording:
    kept = MANIFEST[name]
    body = (GOLDEN / kept["file"]).read_bytes()
    return Recording(name, kept["status"], kept["content_type"], kept["path"], kept["request"], body)


def named(*, streamed: bool, errors: bool = False) -> list[str]:
    return [
        name
        for name, kept in MANIFEST.items()
        if kept["file"].endswith(".sse") == streamed
        and ("error" in name) == errors
        and kept["path"].endswith("/chat/completions")
    ]


def stream_texts(body: bytes) -> dict[Place, str]:
    """Everything that a stream says, by place. Line ends in the text are escaped, so lines are events."""
    texts: dict[Place, str] = defaultdict(str)
    for line in body.split(b"\n"):
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:]).get("choices", []):
                for field, call, text in _said(choice["delta"]):
                    texts[choice["index"], field, call] += text
    return {place: text for place, text in texts.items() if text}


def whole_texts(body: bytes) -> dict[Place, str]:
    choices = json.loads(body)["choices"]
    return {
        (choice["index"], field, call): text
        for choice in choices
        for field, call, text in _said(choice["message"])
        if text
    }


def _said(message: dict[str, Any]) -> list[tuple[str, int, str]]:
    plain = ("content", "reasoning", "reasoning_content", "refusal")
    said = [(field, 0, message[field]) for field in plain if message.get(field)]
    for place, call in enumerate(message.get("tool_calls") or []):
        number = call.get("index", place)
        function = call.get("function") or {}
        said += [
            (f"call {name}", number, function[name]) for name in ("name", "arguments") if function.get(name)
        ]
        said += [("call id", number, call["id"])] if call.get("id") else []
    if function := message.get("function_call"):
        said += [
            (f"function {name}", 0, function[name]) for name in ("name", "arguments") if function.get(name)
        ]
    return said
