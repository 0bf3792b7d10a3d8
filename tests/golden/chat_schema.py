"""The part of vLLM's OpenAPI document that says what a chat request may carry.

    python tests/golden/chat_schema.py http://127.0.0.1:8000 > tests/golden/chat_schema.json

The contract of the chat route is tested against the recorded part, and the recorded part against the running
engine, so a field that a new vLLM accepts breaks a test and not the defence.
"""

import json
import re
import sys
import urllib.request
from typing import Any

ROOT = "ChatCompletionRequest"
REFERENCE = re.compile(r'#/components/schemas/([^"]+)"')


def chat_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of the request and every schema that it mentions, by name."""
    schemas = document["components"]["schemas"]
    found: dict[str, Any] = {}
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += REFERENCE.findall(json.dumps(schemas[name]))
    return found


def fetch(origin: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{origin}/openapi.json", timeout=60) as response:
        return chat_schema(json.load(response))


if __name__ == "__main__":
    print(json.dumps(fetch(sys.argv[1].rstrip("/")), indent=1, sort_keys=True))
