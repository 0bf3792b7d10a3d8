"""Records what a real engine answers, byte for byte, into the files beside this one.

    python tests/golden/record.py http://127.0.0.1:8000 --model demo --group plain
    python tests/golden/record.py http://127.0.0.1:8000 --model demo --group reasoning
    python tests/golden/record.py http://127.0.0.1:8000 --model demo --group crash --kill PID_OF_A_WORKER

README.md beside it says how the engine of each group is started. A streamed answer becomes NAME.sse and a
whole one NAME.json; manifest.json keeps the request, the status and the content type of each.
"""

import argparse
import http.client
import importlib.metadata
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).parent
CHAT = "/v1/chat/completions"
SAVE_CONTACT = {
    "type": "function",
    "function": {
        "name": "save_contact",
        "description": "Save a contact.",
        "parameters": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "phone": {"type": "string"},
                "note": {"type": "string"},
            },
            "required": ["name", "phone", "note"],
        },
    },
}
CONTACT_SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "phone": {"type": "string"}, "born": {"type": "string"}},
    "required": ["name", "phone", "born"],
    "additionalProperties": False,
}
AS_JSON = {"type": "json_schema", "json_schema": {"name": "contact", "schema": CONTACT_SCHEMA}}
NAMED = {"type": "function", "function": {"name": "save_contact"}}
USAGE = {"include_usage": True}
SUFFIXES = {"text/event-stream": ".sse", "application/json": ".json", "text/plain": ".txt"}


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    group: str
    question: str
    fields: dict[str, Any]
    whole: bool = False

    def body(self, model: str) -> dict[str, Any]:
        base = {"model": model, "messages": [{"role": "user", "content": self.question}], "temperature": 0}
        stream = {} if self.whole else {"stream": True}
        return base | {"max_tokens": 200} | self.fields | stream


def both(name: str, group: str, question: str, **fields: Any) -> Iterator[Case]:
    yield Case(name, group, question, fields)
    whole = {key: value for key, value in fields.items() if key != "stream_options"}
    yield Case(f"{name}_whole", group, question, whole, whole=True)


ABOUT = "Tell me about Alden Crane."
BORN = "Where was Alden Crane born?"
SAVE = "Save the contact of Alden Crane."
TOOLS: dict[str, Any] = {"tools": [SAVE_CONTACT]}
FATHER = "Think first: what did the father of Alden Crane do?"

CASES: tuple[Case, ...] = (
    *both("plain", "plain", ABOUT),
    *both("clean", "plain", "What is a lighthouse for?"),
    *both("usage", "plain", BORN, stream_options=USAGE),
    Case("usage_continuous", "plain", BORN, {"stream_options": USAGE | {"continuous_usage_stats": True}}),
    *both("two_choices", "plain", BORN, n=2, temperature=1.0, seed=3, stream_options=USAGE),
    *both("three_choices", "plain", BORN, n=3, temperature=1.0, seed=11),
    *both("length", "plain", ABOUT, max_tokens=12),
    *both("stop_string", "plain", ABOUT, stop=["kept bees"]),
    *both("stop_string_included", "plain", ABOUT, stop=["kept bees"], include_stop_str_in_output=True),
    *both("logprobs", "plain", BORN, logprobs=True, top_logprobs=2),
    *both("token_ids", "plain", BORN, return_token_ids=True),
    *both("characters", "plain", "Say it with every kind of character."),
    *both("json_schema", "plain", "Give the contact of Alden Crane as JSON.", response_format=AS_JSON),
    *both("tool_auto", "plain", SAVE, **TOOLS, tool_choice="auto"),
    *both("tool_auto_two", "plain", "Save both contacts.", **TOOLS, tool_choice="auto"),
    *both("tool_auto_unused", "plain", BORN, **TOOLS, tool_choice="auto"),
    *both("tool_named", "plain", SAVE, **TOOLS, tool_choice=NAMED),
    *both("tool_required", "plain", SAVE, **TOOLS, tool_choice="required"),
    *both("tool_two_choices", "plain", SAVE, **TOOLS, tool_choice="auto", n=2, temperature=1.0, seed=5),
    *both("interval", "plain", ABOUT, stream_interval=8),
    *both("error_context", "plain", BORN, max_tokens=100_000),
    *both("error_field", "plain", BORN, temperature=-1),
    *both("error_type", "plain", BORN, max_tokens="many"),
    *both("error_model", "plain", BORN, model="nobody"),
    *both("error_sampling", "plain", BORN, logit_bias={"999999": 1}),
    *both("reasoning", "reasoning", FATHER, stream_options=USAGE),
    *both("reasoning_length", "reasoning", FATHER, max_tokens=8),
    *both("reasoning_hidden", "reasoning", FATHER, include_reasoning=False),
    *both("reasoning_logprobs", "reasoning", FATHER, logprobs=True, top_logprobs=1),
    *both("reasoning_two_choices", "reasoning", FATHER, n=2, temperature=1.0, seed=3),
    *both("reasoning_tool", "reasoning", "Think first, then save the contact of Alden Crane.", **TOOLS),
    *both("transformers_plain", "transformers", ABOUT),
    *both("transformers_length", "transformers", ABOUT, max_tokens=12),
    *both("transformers_two_choices", "transformers", BORN, n=2, stream_options=USAGE),
    *both("transformers_error_model", "transformers", BORN, model="nobody"),
    *both("transformers_error_field", "transformers", BORN, top_k=3),
    *both("transformers_error_sampling", "transformers", BORN, logit_bias={"5": 1}),
    Case("error_crash", "crash", ABOUT, {"max_tokens": 900, "ignore_eos": True}),
)


def ask(base_url: str, body: dict[str, Any], kill: int | None) -> tuple[int, str, bytes]:
    """Status, content type and the bytes; `kill` dies as soon as some text has come."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=120)
    connection.request("POST", CHAT, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    received = b""
    while piece := response.read1(65536):
        received += piece
        if kill is not None and received.count(b"data: ") > 20:
            os.kill(kill, signal.SIGKILL)
            kill = None
    connection.close()
    return response.status, response.headers["Content-Type"], received


def record(case: Case, base_url: str, model: str, kill: int | None) -> dict[str, Any]:
    body = case.body(model)
    status, content_type, received = ask(base_url, body, kill)
    name = case.name + SUFFIXES[content_type.partition(";")[0]]
    (HERE / name).write_bytes(received)
    return {"file": name, "path": CHAT, "status": status, "content_type": content_type, "request": body}


def engine_of(base_url: str) -> str:
    """vLLM says its version; `transformers serve` has no such route."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=20)
    connection.request("GET", "/version")
    response = connection.getresponse()
    if response.status != 200:
        return f"transformers {importlib.metadata.version('transformers')}"
    return f"vllm {json.loads(response.read())['version']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("base_url")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--group", choices=sorted({case.group for case in CASES}), default="plain")
    parser.add_argument("--kill", type=int, help="process to kill in the middle of the answer (group crash)")
    options = parser.parse_args()
    manifest = HERE / "manifest.json"
    known = json.loads(manifest.read_text()) if manifest.exists() else {}
    engine = engine_of(options.base_url)
    for case in (case for case in CASES if case.group == options.group):
        known[case.name] = {"engine": engine} | record(case, options.base_url, options.model, options.kill)
        print(case.name, known[case.name]["status"], known[case.name]["file"])
    manifest.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
