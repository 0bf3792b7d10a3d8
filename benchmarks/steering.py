"""What steering costs vLLM, on the demo model and this machine.

    python -m benchmarks.steering docs/results/steering-throughput.md

Rules: one engine steers and one does not; blocks of the two alternate, in an order that turns, and a figure
compares each block with its neighbour. Processor time of the engine's processes counts, since other work on
the machine changes it little; wall time is told beside it. The middle pair counts, with a bound that assumes
nothing of how pairs are spread, because other work comes in bursts.
"""

import json
import re
import statistics
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Annotated, Any

import psutil
import typer

from benchmarks.markdown import Rows, table
from evaluation.world import demo_world
from index.build import build
from index.key import load_or_create_key
from policy.file import load_policy
from steering.directive import ARGUMENT, Directive, seal
from unsay.engine import Engine, start_engine
from unsay.launch import EngineKind, EngineSpec
from unsay.serving import demo_model, write_demo_policy
from unsay.steered import Steered

CONFIDENCE = 0.95
OFF, NONE, ALL = "off", "no entry active", "all active"
BARS = {NONE: 0.97, ALL: 0.90}
HEAD = [
    "answers at a time",
    "",
    "processor time, off / on",
    "bar",
    "wall time, off / on",
    "tokens a second, off",
]
PAGE = Path(__file__).with_name("steering.page.md")


@dataclass(frozen=True, slots=True)
class Block:
    """Seconds for the same number of tokens."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """Throughput on over off: the median over pairs of blocks, and its lower bound."""

    middle: float
    low: float

    @classmethod
    def of(cls, off: Sequence[float], on: Sequence[float]) -> "Ratio":
        ratios = sorted(before / after for before, after in zip(off, on, strict=True))
        return cls(statistics.median(ratios), ratios[below(len(ratios))])

    def __str__(self) -> str:
        return f"{self.middle:.3f} (at least {self.low:.3f})"


def below(count: int) -> int:
    """The place, in order, of a measurement above which the median is in 95 of 100 cases (from 5 on)."""
    chances = accumulate(comb(count, place) * 0.5**count for place in range(count))
    return max(0, sum(chance <= 1 - CONFIDENCE for chance in chances) - 1)


def main(
    page: Annotated[Path | None, typer.Argument(help="Where the results are told.")] = None,
    blocks: Annotated[int, typer.Option(min=8, help="Of each kind and size.")] = 30,
    tokens: Annotated[int, typer.Option(min=1, help="In each answer.")] = 48,
    sizes: Annotated[str, typer.Option(help="Answers at a time, with commas between.")] = "1,8,32",
) -> None:
    rows: list[Sequence[str]] = []
    with TemporaryDirectory() as folder, engines(made := prepared(Path(folder))) as (off, on):
        idle = {ARGUMENT: seal(Directive(active=frozenset()), made.key, time.time(), 36_000)}
        for size in map(int, sizes.split(",")):
            rounds = list(measured(off, on, {NONE: idle, ALL: {}}, size, tokens, blocks))
            for row in told(rounds, size, tokens):
                print(*row, sep=" | ", flush=True)
                rows.append(row)
    if page is not None:
        texts = {"blocks": str(blocks), "tokens": str(tokens), "rows": table(HEAD, iter(rows))}
        page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


def told(rounds: Sequence[dict[str, Block]], size: int, tokens: int) -> Rows:
    for name, bar in BARS.items():
        cpu, wall = (
            Ratio.of(
                [getattr(one[OFF], kind) for one in rounds], [getattr(one[name], kind) for one in rounds]
            )
            for kind in ("cpu", "wall")
        )
        speed = size * tokens / statistics.median(one[OFF].wall for one in rounds)
        met = "met" if cpu.low >= bar else "not met"
        yield str(size), name, str(cpu), f"{bar:.2f}, {met}", str(wall), f"{speed:.0f}"


def measured(
    off: Engine, on: Engine, told: dict[str, dict[str, str]], size: int, tokens: int, blocks: int
) -> Iterator[dict[str, Block]]:
    """The first round warms up and does not count."""
    kinds = [(OFF, off, {}), *((name, on, arguments) for name, arguments in told.items())]
    for number in range(blocks + 1):
        turn = number % len(kinds)
        found = {
            name: block(engine, arguments, number, size, tokens)
            for name, engine, arguments in (*kinds[turn:], *kinds[:turn])
        }
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
