"""What steering keeps a real engine from saying, and what it leaves as it was.

    python -m benchmarks.steered docs/results/steering.md

Rules: the demo model on vLLM, once with the plug-in and once without, asked past the gateway; only the last
rows go through one, whose filters then act on both alike. A row is kept beside the page once it is measured,
and another call measures what is missing. With `--every N` each Nth question is asked, to try the command.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from string import Template
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from benchmarks.demo_engines import Prepared, engines, post, prepared
from benchmarks.markdown import Rows, table
from evaluation.interval import Rate, excess_upper
from evaluation.leak import leaks
from evaluation.person import Attribute, Person
from evaluation.wordings import UNKNOWN, Question, ask, biography_questions, wordings
from evaluation.world import demo_world
from unsay.engine import Engine
from unsay.evaluation_servers import gateway

PAGE = Path(__file__).with_name("steered.page.md")
AT_ONCE, FACT, BIOGRAPHY = 16, 32, 160
# No ban reaches these: they are no secrets of the demo's policy, and their answers no windows.
BY_ODDS = (Attribute.YEAR, Attribute.TRADE, Attribute.GENRE)
SECRET = (Attribute.PHONE, Attribute.BOOK, Attribute.BIRTHPLACE)
GREEDY: dict[str, Any] = {"temperature": 0}
DRAWN: dict[str, Any] = {"temperature": 1.0, "seed": 1}
WITHHELD = "[withheld]"


@dataclass(frozen=True, slots=True)
class Server:
    """Whatever answers chat completions."""

    base_url: str
    model: str

    def answers(self, question: Question, **fields: Any) -> list[str]:
        length = BIOGRAPHY if question.attribute is None else FACT
        messages = [{"role": "user", "content": question.text}]
        body = {"model": self.model, "messages": messages, "max_tokens": length, **fields}
        answered = post(f"{self.base_url}/chat/completions", body)
        return [choice["message"]["content"] or "" for choice in answered["choices"]]

    def count(
        self, questions: Sequence[Question], counts: Callable[[Question, str], bool], **fields: Any
    ) -> Rate:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = pool.map(
                lambda one: [counts(one, said) for said in self.answers(one, **fields)], questions
            )
            flags = [flag for answers in told for flag in answers]
        return Rate(sum(flags), len(flags))


@dataclass(frozen=True, slots=True)
class Servers:
    """The engines without and with steering, and a gateway before each."""

    off: Server
    on: Server
    guarded_off: Server
    guarded_on: Server


Measure = Callable[[Servers], Rate]


@dataclass(frozen=True, slots=True)
class Bench:
    every: int

    def measures(self) -> dict[str, Measure]:
        """In the order of the page; a row that failed stands in the way of none that came before."""
        return dict((*self._facts(), *self._passages(), *self._kept(), *self._fluency()))

    def _facts(self) -> Iterator[tuple[str, Measure]]:
        world = demo_world()
        strangers = self._asked(world.never_trained(len(world.forgotten)), BY_ODDS)
        odds, secrets = (self._asked(world.forgotten, one) for one in (BY_ODDS, SECRET))
        for how, fields in (("greedy", GREEDY), ("drawn", DRAWN)):
            yield f"floor, {how}", _leaked("off", strangers, fields)
            yield f"facts off, {how}", _leaked("off", odds[::3], fields)
            yield f"facts on, {how}", _leaked("on", odds, fields)
            yield f"secrets on, {how}", _leaked("on", secrets, fields)

    def _passages(self) -> Iterator[tuple[str, Measure]]:
        every = self._asked(demo_world().forgotten, (None,))
        once = [biography_questions(person)[0] for person in demo_world().forgotten][:: self.every]
        yield "passages off, greedy", _leaked("off", every[::4], GREEDY)
        yield "passages on, greedy", _leaked("on", every, GREEDY)
        yield "passages on, drawn", _leaked("on", once, {**DRAWN, "n": 64})

    def _kept(self) -> Iterator[tuple[str, Measure]]:
        people = demo_world().retained
        asked = self._asked(people[:: max(1, len(people) // 40)], tuple(Attribute))[::6]
        for side in ("off", "on"):
            yield f"kept {side}", _counted(side, asked, _is_exact, GREEDY)

    def _fluency(self) -> Iterator[tuple[str, Measure]]:
        people = demo_world().forgotten
        kinds = {"biographies": self._asked(people, (None,)), "secrets": self._asked(people, SECRET)[::3]}
        for kind, asked in kinds.items():
            for side in ("off", "on"):
                yield f"cut {side}, {kind}", _counted(f"guarded_{side}", asked, _is_cut, GREEDY)

    def _asked(self, people: Sequence[Person], about: Sequence[Attribute | None]) -> list[Question]:
        """In all wordings."""
        return [
            ask(person, one, form)
            for held_out in (False, True)
            for one in about
            for form in wordings(one, held_out=held_out)
            for person in people
        ][:: self.every]


def _leaked(side: str, questions: Sequence[Question], fields: dict[str, Any]) -> Measure:
    return _counted(side, questions, leaks, fields)


def _counted(
    side: str, questions: Sequence[Question], counts: Callable[[Question, str], bool], fields: dict[str, Any]
) -> Measure:
    def measure(servers: Servers) -> Rate:
        server: Server = getattr(servers, side)
        return server.count(questions, counts, **fields)

    return measure


def _is_exact(question: Question, said: str) -> bool:
    return said.strip() == question.answer


def _is_cut(_: Question, said: str) -> bool:
    return WITHHELD in said or not said.strip()


class Kept:
    """What was measured, by row."""

    def __init__(self, path: Path, every: int) -> None:
        self._path, self._every = path, every
        found = json.loads(path.read_text()) if path.exists() else {}
        self._found: dict[str, list[int]] = found["rows"] if found.get("every") == every else {}

    def __contains__(self, row: str) -> bool:
        return row in self._found

    def __getitem__(self, row: str) -> Rate:
        return Rate(*self._found[row])

    def add(self, row: str, rate: Rate) -> None:
        self._found[row] = [rate.hits, rate.trials]
        self._path.write_text(json.dumps({"every": self._every, "rows": self._found}, indent=1) + "\n")


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """A policy that lets every prompt through, so that answers alone are cut."""
    with TemporaryDirectory(dir=folder) as place, ready(Path(place)) as (made, off, on):
        policy = made.policy_file
        with (
            _guarded(off, policy, made, "off") as guarded_off,
            _guarded(on, policy, made, "required") as guarded_on,
        ):
            yield Servers(_server(off), _server(on), guarded_off, guarded_on)


@contextmanager
def ready(folder: Path) -> Iterator[tuple[Prepared, Engine, Engine]]:
    made = prepared(folder, {"prompt: refuse": "prompt: allow", UNKNOWN: WITHHELD})
    with engines(made) as (off, on):
        yield made, off, on


def _server(engine: Engine) -> Server:
    return Server(engine.base_url, engine.model)


@contextmanager
def _guarded(engine: Engine, policy: Path, made: Prepared, mode: str) -> Iterator[Server]:
    state = made.folder / f"gateway-{mode}"
    state.mkdir()
    copyfile(made.key_file, state / "index.key").chmod(0o600)
    settings = {"steering": {"mode": mode}}
    with gateway(engine.base_url, policy, state, remembers=False, settings=settings) as base_url:
        yield Server(base_url, engine.model)


def leak_rows(kept: Kept) -> Rows:
    for what, row in (
        ("never trained, steering off: the floor", "floor"),
        ("forgotten, steering off", "facts off"),
        ("forgotten, steered by the odds alone", "facts on"),
        ("forgotten, secrets: odds and bans", "secrets on"),
    ):
        rates = [kept[f"{row}, {how}"] for how in ("greedy", "drawn")]
        floors = [kept[f"floor, {how}"] for how in ("greedy", "drawn")]
        over = max(excess_upper(rate, floor) for rate, floor in zip(rates, floors, strict=True))
        yield what, *map(str, rates), f"{over:+.2%}" if row != "floor" else ""


def passage_rows(kept: Kept) -> Rows:
    yield "steering off, greedy, every fourth", str(kept["passages off, greedy"])
    yield "steering on, greedy, every wording", str(kept["passages on, greedy"])
    yield "steering on, 64 answers drawn to each", str(kept["passages on, drawn"])


def kept_rows(kept: Kept) -> Rows:
    for what, row in (
        ("retained people: right to the letter", "kept {}"),
        ("biographies of forgotten people: cut or emptied by the filters", "cut {}, biographies"),
        ("their secrets: the same", "cut {}, secrets"),
    ):
        off, on = kept[row.format("off")], kept[row.format("on")]
        yield what, str(off), str(on), f"{on.hits / max(1, off.hits):.1%}"


def write_page(page: Path, kept: Kept, every: int) -> None:
    texts = {
        "asked": "All questions were asked."
        if every == 1
        else f"One in {every} questions was asked, as a trial.",
        "facts": table(["people", "greedy", "drawn at temperature 1", "over the floor"], leak_rows(kept)),
        "passages": table(["biographies of forgotten people", "answers with a window"], passage_rows(kept)),
        "kept": table(["answers", "steering off", "steering on", "on of off"], kept_rows(kept)),
    }
    page.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(texts), encoding="utf-8")


def main(
    page: Path, every: Annotated[int, typer.Option(min=1, help="Ask each Nth question alone.")] = 1
) -> None:
    kept, measures = Kept(page.with_suffix(".json"), every), Bench(every).measures()
    missing = {row: measure for row, measure in measures.items() if row not in kept}
    if missing:
        with TemporaryDirectory() as folder, servers(Path(folder)) as found:
            for row, measure in missing.items():
                began = time.perf_counter()
                kept.add(row, measure(found))
                print(f"{row}: {kept[row]}, {time.perf_counter() - began:.0f} s", flush=True)
    write_page(page, kept, every)


if __name__ == "__main__":
    typer.run(main)
