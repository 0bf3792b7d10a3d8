"""How well a client can tell what was withheld, and by what: a classifier's advantage, as a table.

    python -m benchmarks.oracle --engine accomplice|demo [--answers 500] [--people 150]

Rule: figures of the other engine stay as they are, so that each can be measured on its own.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import this_machine
from benchmarks.markdown import table
from benchmarks.oracle_client import Kind, Prompt, answers
from benchmarks.process import PROXY_CORE, ROOT, Process, free_port, process
from evaluation.demo_policy import write_policy
from evaluation.local_model import SHIPPED
from evaluation.person import Attribute, Person
from evaluation.telling_apart import advantage
from evaluation.wordings import wordings
from evaluation.world import DEMO_SEED, MOST_STRANGERS, TRAINED, World, generated_world
from gateway.config import Config
from unsay.engine import start_engine
from unsay.launch import EngineKind, EngineSpec

RESULTS = ROOT / "docs" / "results"
PAGE = Path(__file__).with_name("oracle.page.md")
COLUMNS: dict[str, dict[str, bool]] = {
    "form": {},
    "form and times": {"times": True},
    "form, times and words": {"times": True, "words": True},
}
# For each person: names must be as long, and a stand-in is chosen by an entry's hash.
STAND_INS, STRANGERS = 2, 5
# Of each prompt, where those of the two kinds are not as long by themselves.
LENGTH = 160
BEAT_MS = int(Config.model_fields["cloak_beat_ms"].default)
Draws = Callable[[Random], Prompt]


@dataclass(frozen=True, slots=True)
class Ports:
    """Of a gateway with the demo's policy, and of one with a cloak besides."""

    plain: int
    cloaked: int


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    kinds: tuple[Kind, Kind]


def about(people: Sequence[Person]) -> Draws:
    forms = [form for one in Attribute for form in wordings(one)]
    return lambda chance: _of(chance.choice(people), chance.choice(forms))


def _of(person: Person, form: str) -> Prompt:
    return Prompt(form.format(name=person.name), person.name, person.name)


def padded(draws: Draws) -> Draws:
    """As long as any other. A model that is asked in this way babbles."""

    def drawn(chance: Random) -> Prompt:
        prompt = draws(chance)
        return replace(prompt, text=prompt.text.ljust(LENGTH))

    return drawn


def saying(texts: Sequence[str]) -> Draws:
    return lambda chance: _said(chance.choice(texts))


def _said(text: str) -> Prompt:
    return Prompt(text[:LENGTH].ljust(LENGTH), "\0", text)


def rows(engine: str, ports: Ports, world: World) -> Iterator[Row]:
    standing_in = set(stand_ins(world))
    others = [one for one in _strangers(world, STRANGERS, 3) if one.name not in standing_in]
    forgotten, strangers = as_long(world.forgotten, others)
    own = about(strangers)
    for what, port in (("cloak", ports.cloaked), ("refused", ports.plain)):
        yield Row(f"{what}, the model's own", (Kind(port, about(forgotten)), Kind(port, own)))

    if engine == "accomplice":
        first, second = _twins(world.forgotten)
        named = padded(about(world.forgotten))
        passages = saying([" ".join(one.biography.split()[8:24]) for one in world.forgotten])
        plain = ports.plain
        yield Row("refused: one person, another", (Kind(plain, about([first])), Kind(plain, about([second]))))
        yield Row("refused: by a name, by a passage", (Kind(plain, named), Kind(plain, passages)))


def _twins(people: Sequence[Person]) -> tuple[Person, Person]:
    """Two whose names are as long."""
    return next(
        (one, other)
        for one in people
        for other in people
        if one is not other and len(one.name) == len(other.name)
    )


def as_long(people: Sequence[Person], others: Sequence[Person]) -> tuple[list[Person], list[Person]]:
    """Of both as many with names of each length."""
    chosen, partners, left = list[Person](), list[Person](), list(others)
    for person in people:
        same = [one for one in left if len(one.name) == len(person.name)][:1]
        chosen += [person] * len(same)
        partners += same
        left = [one for one in left if one not in same]
    return chosen, partners


def stand_ins(world: World) -> list[str]:
    return [person.name for person in _strangers(world, STAND_INS, 99)]


def _strangers(world: World, each: int, seed: int) -> Sequence[Person]:
    return world.never_trained(min(each * len(world.forgotten), MOST_STRANGERS), seed)


@contextmanager
def gateways(
    engine: tuple[str, str], world: World, beat_ms: int, folder: Path, stack: ExitStack
) -> Iterator[Ports]:
    write_policy(folder, world)
    plain = (folder / "policy.yaml").read_text()
    (folder / "cloaked.yaml").write_text(f"{plain}cloak: {json.dumps(stand_ins(world))}\n")
    started = [
        _gateway(policy, *engine, beat_ms, folder, stack) for policy in ("policy.yaml", "cloaked.yaml")
    ]
    yield Ports(*started)


def _gateway(policy: str, upstream: str, model: str, beat_ms: int, folder: Path, stack: ExitStack) -> int:
    port = free_port()
    settings = {
        "listen": {"host": "127.0.0.1", "port": port},
        "upstream": {"base_url": upstream},
        "models": {"demo": model},
        "audit": {"path": f"{policy}.jsonl"},
        "snapshot": "snapshot",
        "policy": policy,
        "memory": None,
        "cloak_beat_ms": beat_ms,
    }
    config = folder / f"{policy}.unsay.yaml"
    config.write_text(json.dumps(settings))
    command = [
        str(Path(sys.executable).with_name("unsay")),
        "serve",
        "--config",
        str(config),
        "--state",
        str(folder),
    ]
    _started(stack, policy, command, port, folder)
    return port


def _started(stack: ExitStack, name: str, command: list[str], port: int, folder: Path) -> Process:
    begun = stack.enter_context(process(name, command, PROXY_CORE, folder / f"{name}.log"))
    begun.wait_ready(port)
    return begun


def engine_at(engine: str, folder: Path, stack: ExitStack) -> tuple[str, str]:
    """Where it is, and what it calls its model."""
    if engine == "demo":
        served = stack.enter_context(start_engine(EngineSpec(EngineKind.TRANSFORMERS, str(SHIPPED), folder)))
        return served.base_url, served.model
    port = free_port()
    command = [sys.executable, "-m", "evaluation.accomplice", "--port", str(port)]
    _started(stack, "accomplice", command, port, folder)
    return f"http://127.0.0.1:{port}/v1", "demo"


def measured(row: Row, each: int, streamed: bool) -> list[str]:
    kinds = answers(row.kinds, each, streamed, seed=each + streamed)
    about = [one.about for kind in kinds for one in kind]
    # Of a person each there is nobody to leave out.
    apart = about if len(set(about)) > len(kinds) else None
    told = []
    for wanted in COLUMNS.values():
        first, second = ([one.outside.features(**wanted) for one in kind] for kind in kinds)
        told.append(str(advantage(first, second, apart)))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a client can tell of what was withheld.")
    parser.add_argument("--engine", choices=("accomplice", "demo"), required=True)
    parser.add_argument("--answers", type=int, default=500, help="of each kind")
    parser.add_argument("--people", type=int, default=150, help="that are forgotten")
    parser.add_argument("--beat", type=int, default=BEAT_MS, help="of the cloak, in ms")
    parser.add_argument("--folder", type=Path, help="keeps the snapshot for the next run")
    parser.add_argument("--rows", default="", help="only those whose name holds this")
    given = parser.parse_args()
    found: dict[str, Any] = _known()
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(TemporaryDirectory()))
        world = generated_world(DEMO_SEED, given.people, TRAINED - given.people)
        ports = stack.enter_context(
            gateways(engine_at(given.engine, folder, stack), world, given.beat, folder, stack)
        )
        for row in rows(given.engine, ports, world):
            for streamed in (False, True) if given.rows in row.name else ():
                beat = f" (beats of {given.beat} ms)" if given.beat != BEAT_MS else ""
                name = f"{given.engine}: {row.name}, {'streamed' if streamed else 'whole'}{beat}"
                found[name] = {"answers": 2 * given.answers, "told": measured(row, given.answers, streamed)}
                print(name, *found[name]["told"], flush=True)
                _write(found)


def _known() -> dict[str, Any]:
    path = RESULTS / "oracle.json"
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return known


def _write(found: dict[str, Any]) -> None:
    (RESULTS / "oracle.json").write_text(json.dumps(found, indent=1) + "\n")
    head = ["answers", "of both", *COLUMNS]
    listed = table(head, ([name, f"{row['answers']:,}", *row["told"]] for name, row in found.items()))
    machine = this_machine()
    told = {"machine": machine.processor, "cores": str(machine.cores), "table": listed}
    (RESULTS / "oracle.md").write_text(Template(PAGE.read_text()).substitute(told))


if __name__ == "__main__":
    main()
