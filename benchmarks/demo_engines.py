"""vLLM on the demo model, with the plug-in and without, made ready to be measured.

Rule: what is steered by is made of the demo's policy as `unsay serve` would make it.
"""

import json
import os
import re
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from index.build import build
from index.key import load_or_create_key
from policy.file import load_policy
from unsay.engine import Engine, free_port, start_engine
from unsay.launch import HOST, EngineKind, EngineSpec
from unsay.serving import demo_model, write_demo_policy
from unsay.steered import Steered


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that an engine steers by, of the demo's policy."""

    folder: Path
    key: bytes
    steered: Steered

    @property
    def policy_file(self) -> Path:
        return self.folder / "policy.yaml"

    @property
    def key_file(self) -> Path:
        return self.folder / "key"


def prepared(folder: Path, changes: Mapping[str, str] = MappingProxyType({})) -> Prepared:
    """`changes`: what stands in the policy, and what is to stand there. Without its semantic detector, which
    no engine has.
    """
    write_demo_policy(folder)
    file, key = folder / "policy.yaml", load_or_create_key(folder / "key")
    text = re.sub(r"semantic: \{.*?\}", "semantic: null", file.read_text())
    for found, wanted in changes.items():
        text = text.replace(found, wanted)
    file.write_text(text)
    policy = load_policy(file)
    build(policy, folder / "snapshot", key)
    steered = Steered(folder / "steering", demo_model(), key, folder / "key")
    steered.write_settings()
    steered.compile(policy, folder / "snapshot")
    return Prepared(folder, key, steered)


@contextmanager
def engines(made: Prepared, *, alone: bool = False) -> Iterator[tuple[Engine, Engine]]:
    """Without steering, and with it. `alone`: each engine's worker is no process of its own; else both spin
    for a second after each answer, on the first core.
    """
    model, settings = str(demo_model()), made.steered.settings
    plain = EngineSpec(EngineKind.VLLM, model, made.folder / "off")
    steering = EngineSpec(EngineKind.VLLM, model, made.folder / "on", steering=settings)
    with _start(plain, alone) as off, _start(steering, alone) as on:
        yield off, on


def _start(spec: EngineSpec, alone: bool) -> Engine:
    if not alone:
        return start_engine(spec)
    # What a worker asks for whom nobody has launched.
    ranks = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}
    address = {"MASTER_ADDR": HOST, "MASTER_PORT": str(free_port())}
    arguments = ("--distributed-executor-backend", "external_launcher")
    return start_engine(replace(spec, arguments=arguments), {**os.environ, **ranks, **address})


def post(url: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=600) as response:
        return json.load(response)
