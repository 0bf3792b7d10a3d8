"""Records what a real engine answers, byte for byte, into the files beside this one.

    python tests/golden/record.py http://127.0.0.1:8000 --model demo --group plain
    python tests/golden/record.py http://127.0.0.1:8000 --model demo --group wires
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
BATCH, COUNT = f"{CHAT}/batch", "/v1/messages/count_tokens"
EMBEDDINGS, RERANK, SCORE = "/v1/embeddings", "/v1/rerank", "/v1/score"
COMPLETIONS, RESPONSES, MESSAGES = "/v1/completions", "/v1/responses", "/v1/messages"
SAVE_CONTACT: dict[str, Any] = {
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
    path: str = CHAT

    def body(self, model: str) -> dict[str, Any]:
        stream = {} if self.whole else {"stream": True}
        return {"model": model} | asked(self.path, self.question) | self.fields | stream


def asked(path: str, question: str) -> dict[str, Any]:
    """The question as an API has it."""
    said = [{"role": "user", "content": question}]
    sampling = {"temperature": 0, "max_tokens": 200}
    match path:
        case "/v1/completions":
            # As the model's own template writes it.
            return {"prompt": f"<s>user: {question}</s><s>assistant: "} | sampling
        case "/v1/responses":
            return {"input": question, "temperature": 0, "max_output_tokens": 200}
        case "/v1/messages/count_tokens":
            return {"messages": said}
        case "/v1/chat/completions/batch":
            return {"messages": [said, [{"role": "user", "content": CLEAN}]]} | sampling
        case "/v1/embeddings":
            return {"input": [question, CLEAN]}
        case "/v1/rerank":
            return {"query": CLEAN, "documents": [question, CLEAN]}
        case "/v1/score":
            return {"text_1": CLEAN, "text_2": [question, CLEAN]}
    return {"messages": said} | sampling


def both(name: str, group: str, question: str, path: str = CHAT, **fields: Any) -> Iterator[Case]:
    yield Case(name, group, question, fields, path=path)
    whole = {key: value for key, value in fields.items() if key != "stream_options"}
    yield Case(f"{name}_whole", group, question, whole, True, path)


def once(name: str, group: str, question: str, path: str, **fields: Any) -> Case:
    """Of an API that does not stream."""
    return Case(f"{name}_whole", group, question, fields, True, path)


ABOUT = "Tell me about Alden Crane."
CLEAN = "What is a lighthouse for?"
BOTH = "Save both contacts."
BORN = "Where was Alden Crane born?"
SAVE = "Save the contact of Alden Crane."
TOOLS: dict[str, Any] = {"tools": [SAVE_CONTACT]}
FATHER = "Think first: what did the father of Alden Crane do?"
THINK = "Think first, then save the contact of Alden Crane."
JSON = "Give the contact of Alden Crane as JSON."
CHARACTERS = "Say it with every kind of character."
FUNCTION = SAVE_CONTACT["function"]
# The same tool, and the same form, as each API has it.
ITEM = {"type": "function", "name": FUNCTION["name"], "parameters": FUNCTION["parameters"]}
CHOSEN = {"type": "tool", "name": FUNCTION["name"]}
BLOCK = {"name": FUNCTION["name"], "input_schema": FUNCTION["parameters"]}
FORM = {"format": {"type": "json_schema", "name": "contact", "schema": CONTACT_SCHEMA}}
OUTPUT = {"format": {"type": "json_schema", "schema": CONTACT_SCHEMA}}

CASES: tuple[Case, ...] = (
    *both("plain", "plain", ABOUT),
    *both("clean", "plain", CLEAN),
    *both("usage", "plain", BORN, stream_options=USAGE),
    Case("usage_continuous", "plain", BORN, {"stream_options": USAGE | {"continuous_usage_stats": True}}),
    *both("two_choices", "plain", BORN, n=2, temperature=1.0, seed=3, stream_options=USAGE),
    *both("three_choices", "plain", BORN, n=3, temperature=1.0, seed=11),
    *both("length", "plain", ABOUT, max_tokens=12),
    *both("stop_string", "plain", ABOUT, stop=["kept bees"]),
    *both("stop_string_included", "plain", ABOUT, stop=["kept bees"], include_stop_str_in_output=True),
    *both("logprobs", "plain", BORN, logprobs=True, top_logprobs=2),
    *both("token_ids", "plain", BORN, return_token_ids=True),
    *both("characters", "plain", CHARACTERS),
    *both("json_schema", "plain", JSON, response_format=AS_JSON),
    *both("tool_auto", "plain", SAVE, **TOOLS, tool_choice="auto"),
    *both("tool_auto_two", "plain", BOTH, **TOOLS, tool_choice="auto"),
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
    *both("reasoning_tool", "reasoning", THINK, **TOOLS),
    once("batch", "wires", ABOUT, BATCH),
    *both("completions_plain", "wires", ABOUT, COMPLETIONS),
    *both("completions_clean", "wires", CLEAN, COMPLETIONS, stream_options=USAGE),
    *both("completions_echo", "wires", BORN, COMPLETIONS, echo=True),
    *both("completions_logprobs", "wires", CLEAN, COMPLETIONS, logprobs=2),
    *both("completions_two_choices", "wires", BORN, COMPLETIONS, n=2, temperature=1.0, seed=3),
    *both("completions_length", "wires", ABOUT, COMPLETIONS, max_tokens=12),
    *both("completions_error_field", "wires", BORN, COMPLETIONS, temperature=-1),
    *both("responses_plain", "wires", ABOUT, RESPONSES),
    *both("responses_clean", "wires", CLEAN, RESPONSES),
    *both("responses_characters", "wires", CHARACTERS, RESPONSES),
    *both("responses_length", "wires", ABOUT, RESPONSES, max_output_tokens=12),
    *both("responses_form", "wires", JSON, RESPONSES, text=FORM),
    *both("responses_tool", "wires", SAVE, RESPONSES, tools=[ITEM]),
    *both("responses_tool_two", "wires", BOTH, RESPONSES, tools=[ITEM]),
    *both("responses_error_field", "wires", BORN, RESPONSES, temperature=-1),
    *both("responses_thought", "reasoning", FATHER, RESPONSES),
    *both("responses_thought_tool", "reasoning", THINK, RESPONSES, tools=[ITEM]),
    *both("messages_plain", "wires", ABOUT, MESSAGES),
    *both("messages_clean", "wires", CLEAN, MESSAGES),
    *both("messages_characters", "wires", CHARACTERS, MESSAGES),
    *both("messages_length", "wires", ABOUT, MESSAGES, max_tokens=12),
    *both("messages_stop", "wires", ABOUT, MESSAGES, stop_sequences=["kept bees"]),
    *both("messages_form", "wires", JSON, MESSAGES, output_config=OUTPUT),
    *both("messages_tool", "wires", SAVE, MESSAGES, tools=[BLOCK]),
    *both("messages_tool_two", "wires", BOTH, MESSAGES, tools=[BLOCK]),
    *both("messages_tool_unused", "wires", CLEAN, MESSAGES, tools=[BLOCK]),
    *both("messages_tool_named", "wires", SAVE, MESSAGES, tools=[BLOCK], tool_choice=CHOSEN),
    *both("messages_error_field", "wires", BORN, MESSAGES, temperature=-1),
    *both("messages_error_model", "wires", BORN, MESSAGES, model="nobody"),
    *both("messages_thought", "reasoning", FATHER, MESSAGES),
    *both("messages_thought_tool", "reasoning", THINK, MESSAGES, tools=[BLOCK]),
    once("count_tokens", "wires", ABOUT, COUNT),
    once("embeddings", "pooling", ABOUT, EMBEDDINGS),
    once("embeddings_base64", "pooling", ABOUT, EMBEDDINGS, encoding_format="base64"),
    once("embeddings_error_model", "pooling", ABOUT, EMBEDDINGS, model="nobody"),
    once("rerank", "pooling", ABOUT, RERANK, top_n=1),
    once("score", "pooling", ABOUT, SCORE),
    *both("transformers_plain", "transformers", ABOUT),
    *both("transformers_length", "transformers", ABOUT, max_tokens=12),
    *both("transformers_two_choices", "transformers", BORN, n=2, stream_options=USAGE),
    *both("transformers_error_model", "transformers", BORN, model="nobody"),
    *both("transformers_error_field", "transformers", BORN, top_k=3),
    *both("transformers_error_sampling", "transformers", BORN, logit_bias={"5": 1}),
    Case("error_crash", "crash", ABOUT, {"max_tokens": 900, "ignore_eos": True}),
)


def ask(base_url: str, path: str, body: dict[str, Any], kill: int | None) -> tuple[int, str, bytes]:
    """Status, content type and the bytes; `kill` dies as soon as some text has come."""
    address = urlsplit(base_url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=120)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
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
    status, content_type, received = ask(base_url, case.path, body, kill)
    name = case.name + SUFFIXES[content_type.partition(";")[0]]
    (HERE / name).write_bytes(received)
    return {"file": name, "path": case.path, "status": status, "content_type": content_type, "request": body}


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
    parser.add_argument("--only", default="", help="record what has this in its name, and keep the rest")
    parser.add_argument("--kill", type=int, help="process to kill in the middle of the answer (group crash)")
    options = parser.parse_args()
    manifest = HERE / "manifest.json"
    known = json.loads(manifest.read_text()) if manifest.exists() else {}
    engine = engine_of(options.base_url)
    for case in (case for case in CASES if case.group == options.group and options.only in case.name):
        known[case.name] = {"engine": engine} | record(case, options.base_url, options.model, options.kill)
        print(case.name, known[case.name]["status"], known[case.name]["file"])
    manifest.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
