"""What steering costs vLLM, on the demo model and this machine.

    python -m benchmarks.steering docs/results/steering-throughput.md

Rules: one engine steers and one does not. In a block both answer the same questions at the same time on the
same core, which the system gives to each in turn for a few milliseconds, so that other work on the machine
and its caches meet both alike; what counts is the processor time that each takes. Nothing of an engine spins
while it waits: its worker runs in the engine's own process. The middle block counts, with a bound that
assumes nothing of how blocks are spread, because other work comes in bursts.
"""

import os
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import psutil
import typer

from benchmarks.demo_engines import engines, post, prepared
from benchmarks.markdown import table
from benchmarks.process import cpu_s
from evaluation.wordings import biography_questions
from evaluation.world import demo_world
from steering.directive import ARGUMENT, Directive, seal
from unsay.engine import Engine

CONFIDENCE = 0.95
CORE = max(os.sched_getaffinity(0))
NONE, ALL = "no entry active", "all active"
BARS = {NONE: 0.97, ALL: 0.90}
HEAD = [
    "answers at a time",
    "",
    "throughput, on of off",
    "bar",
    "tokens a second of the core, off",
    "on",
]
PAGE = Path(__file__).with_name("steering.page.md")


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
    blocks: Annotated[int, typer.Option(min=8, help="Of each kind and size.")] = 60,
    tokens: Annotated[int, typer.Option(min=1, help="In each answer; no biography is shorter.")] = 96,
    sizes: Annotated[str, typer.Option(help="Answers at a time, with commas between.")] = "1,8,32",
) -> None:
    rows: list[Sequence[str]] = []
    with TemporaryDirectory() as folder, engines(made := prepared(Path(folder)), alone=True) as (off, on):
        pin(off, on)
        prompts = list(biographies(off))
        idle = seal(Directive(active=frozenset()), made.key, time.time(), 36_000)
        for size in map(int, sizes.split(",")):
            bench = Bench(off, on, prompts, tokens, size)
            for name, arguments in {NONE: {ARGUMENT: idle}, ALL: {}}.items():
                rows.append(bench.told(name, bench.pairs(arguments, blocks)))
                print(*rows[-1], sep=" | ", flush=True)
    if page is not None:
        texts = {"blocks": str(blocks), "tokens": str(tokens), "rows": table(HEAD, iter(rows))}
        page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


def pin(*engines: Engine) -> None:
    for pid in (pid for engine in engines for pid in pids(engine)):
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), {CORE})


@dataclass(frozen=True, slots=True)
class Bench:
    """`tokens` of each answer, of which each block has `size`."""

    off: Engine
    on: Engine
    prompts: Sequence[Sequence[int]]
    tokens: int
    size: int

    def pairs(self, arguments: Mapping[str, str], blocks: int) -> Iterator[tuple[float, float]]:
        """Processor time of both engines for each block, who begins in turns; the first does not count."""
        with ThreadPoolExecutor(2) as pool:
            for number in range(blocks + 1):
                turn = 1 if number % 2 else -1
                asked = (self.off, self._body(number, {})), (self.on, self._body(number, arguments))
                off, on = list(pool.map(lambda one: spent(*one), asked[::turn]))[::turn]
                if number:
                    yield off, on

    def told(self, name: str, pairs: Iterable[tuple[float, float]]) -> Sequence[str]:
        off, on = zip(*pairs, strict=True)
        ratio, bar = Ratio.of(off, on), BARS[name]
        met = "met" if ratio.low >= bar else "not met"
        speeds = (f"{self.size * self.tokens / statistics.median(each):.0f}" for each in (off, on))
        return str(self.size), name, str(ratio), f"{bar:.2f}, {met}", *speeds

    def _body(self, number: int, arguments: Mapping[str, str]) -> dict[str, Any]:
        turned = deque(self.prompts)
        turned.rotate(-number * self.size)
        return {
            "model": self.off.model,
            "prompt": list(turned)[: self.size],
            "max_tokens": self.tokens,
            "temperature": 0,
            **({"vllm_xargs": arguments} if arguments else {}),
        }


def biographies(engine: Engine) -> Iterator[list[int]]:
    """Of retained people, whom nothing forbids, asked for as the engine would write it in a chat."""
    for person in demo_world().retained:
        message = {"role": "user", "content": biography_questions(person)[0].text}
        asked = {"model": engine.model, "messages": [message]}
        yield post(f"{engine.base_url.removesuffix('/v1')}/tokenize", asked)["tokens"]


def spent(engine: Engine, body: dict[str, Any]) -> float:
    """Processor time for one answer of so many choices."""
    before = cpu_s(pids(engine))
    answered = post(f"{engine.base_url}/completions", body)
    took = cpu_s(pids(engine)) - before
    assert answered["usage"]["completion_tokens"] == len(body["prompt"]) * body["max_tokens"]
    return took


def pids(engine: Engine) -> tuple[int, ...]:
    """All of its processes; what holds them on a leash is none."""
    return tuple(each.pid for each in psutil.Process(engine.process_id).children(recursive=True))


if __name__ == "__main__":
    typer.run(main)
