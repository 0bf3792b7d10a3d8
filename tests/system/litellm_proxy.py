"""A real LiteLLM proxy as a child process, in its own environment, with the settings of a page."""

import http.client
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml

from tests.gateway.running import HOST, Answered
from tests.gateway.served import until
from unsay.engine import free_port

ROOT = Path(__file__).parents[2]
LITELLM = ROOT / ".venv-litellm" / "bin" / "litellm"
START_S = 300.0


def settings_on(page: Path) -> list[Any]:
    """The settings that a page gives, as they stand there."""
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)]


@dataclass(frozen=True, slots=True)
class Proxy:
    port: int
    key: str

    def post(self, path: str, **body: Any) -> Answered:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=120)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        try:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            return Answered(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def chat(self, content: Any, guardrail: str, **fields: Any) -> Answered:
        messages = [{"role": "user", "content": content}]
        return self.post("/v1/chat/completions", **asked(messages, guardrail), **fields)


def asked(messages: list[Any], guardrail: str) -> dict[str, Any]:
    return {"model": "demo", "messages": messages, "guardrails": [guardrail]}


@contextmanager
def proxy(settings: dict[str, Any], folder: Path, unsay_key: str) -> Iterator[Proxy]:
    path, key, port = folder / "litellm.yaml", f"sk-{token_hex(32)}", free_port()
    path.write_text(json.dumps(settings))  # JSON is YAML too
    own = {"LITELLM_MASTER_KEY": key, "UNSAY_KEY": unsay_key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [str(LITELLM), "--config", str(path), "--host", HOST, "--port", str(port)]
    with (folder / "litellm.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=os.environ | own, cwd=folder
        )
        try:
            until(lambda: _lives(process, port, folder), START_S)
            yield Proxy(port, key)
        finally:
            process.terminate()
            process.wait(120)


def _lives(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> bool:
    assert process.poll() is None, (folder / "litellm.log").read_text()[-3000:]
    address = f"http://{HOST}:{port}/health/liveliness"
    with suppress(OSError, http.client.HTTPException), urllib.request.urlopen(address, timeout=2) as response:
        return bool(response.status == 200)
    return False
