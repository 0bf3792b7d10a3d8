"""What steering costs vLLM: `python -m benchmarks.steering`, on the demo model and this machine.

Rules: one engine steers and one does not; blocks of the two alternate, and a figure compares each block with
its neighbour. Processor time of the engine's processes counts, since other work on the machine does not
change it; wall time is told beside it.
"""

import json
import re
import statistics
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp, log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Annotated, Any

import psutil
import typer

from evaluation.world import demo_world
from index.build import build
from index.key import load_or_create_key
from policy.file import load_policy
from steering.directive import ARGUMENT, Directive, seal
from unsay.engine import Engine, start_engine
from unsay.launch import EngineKind, EngineSpec
from unsay.serving import demo_model, write_demo_policy
from unsay.steered import Steered

ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class Block:
    """Seconds for the same number of tokens."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """Throughput on over off: the mean over pairs of blocks, and its lower bound."""

    mean: float
    low: float

    @classmethod
    def of(cls, off: Sequence[float], on: Sequence[float]) -> "Ratio":
        logs = [log(before / after) for before, after in zip(off, on, strict=True)]
        mean, error = statistics.fmean(logs), statistics.stdev(logs) / sqrt(len(logs))
        return cls(exp(mean), exp(mean - ONE_SIDED_95 * error))

    def __str__(self) -> str:
        return f"{self.mean:.3f} (at least {self.low:.3f})"


def main(
    blocks: Annotated[int, typer.Option(min=2, help="Of each kind and size.")] = 30,
    tokens: Annotated[int, typer.Option(min=1, help="In each answer.")] = 48,
    sizes: Annotated[str, typer.Option(help="Answers at a time, with commas between.")] = "1,8,32",
) -> None:
    with TemporaryDirectory() as folder, engines(made := prepared(Path(folder))) as (off, on):
        idle = {ARGUMENT: seal(Directive(active=frozenset()), made.key, time.time(), 3600)}
        for size in map(int, sizes.split(",")):
            rounds = list(
                measured(off, on, {"no entry active": idle, "all active": {}}, size, tokens, blocks)
            )
            for name in ("no entry active", "all active"):
                for kind in ("cpu", "wall"):
                    before = [getattr(one["off"], kind) for one in rounds]
                    ratio = Ratio.of(before, [getattr(one[name], kind) for one in rounds])
                    speed = size * tokens / statistics.median(before)
                    print(
                        f"{size:3} at a time, {name:15} {kind:4} {ratio}; off {speed:.0f} tokens/s",
                        flush=True,
                    )


def measured(
    off: Engine, on: Engine, told: dict[str, dict[str, str]], size: int, tokens: int, blocks: int
) -> Iterator[dict[str, Block]]:
    """The first round warms up and does not count."""
    for number in range(blocks + 1):
        found = {"off": block(off, {}, number, size, tokens)}
        found |= {name: block(on, arguments, number, size, tokens) for name, arguments in told.items()}
        if number:
            yield found


def block(engine: Engine, arguments: dict[str, str], number: int, size: int, tokens: int) -> Block:
    """Biographies of retained people, whom nothing forbids, so that all answers are as long."""
    people = demo_world().retained
    chosen = [people[(number * size + each) % len(people)] for each in range(size)]
    body = {
        "model": engine.model,
        "prompt": [f"{person.name} was born in" for person in chosen],
        "max_tokens": tokens,
        "ignore_eos": True,
        "temperature": 0,
        **({"vllm_xargs": arguments} if arguments else {}),
    }
    before, began = cpu_s(engine), time.perf_counter()
    answered = post(f"{engine.base_url}/completions", body)
    took = Block(cpu_s(engine) - before, time.perf_counter() - began)
    assert answered["usage"]["completion_tokens"] == size * tokens
    return took


def post(url: str, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=600) as response:
        return json.load(response)


def cpu_s(engine: Engine) -> float:
    """Of the process that listens and of all below it."""
    root = psutil.Process(engine.process_id)
    return sum(sum(each.cpu_times()[:2]) for each in (root, *root.children(recursive=True)))


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
def engines(made: Prepared) -> Iterator[tuple[Engine, Engine]]:
    """Without steering, and with it."""
    model, settings = str(demo_model()), made.steered.settings
    plain = EngineSpec(EngineKind.VLLM, model, made.folder / "off")
    steering = EngineSpec(EngineKind.VLLM, model, made.folder / "on", steering=settings)
    with start_engine(plain) as off, start_engine(steering) as on:
        yield off, on


if __name__ == "__main__":
    typer.run(main)
