"""`unsay evaluate`: what was wished for becomes a target, the target a run, and the run a report.

The rule: paths given on the command line count from where it was called; nothing that was answered is shown.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.report import Report, report
from evaluation.report_ablation import Without
from evaluation.report_files import Written
from evaluation.report_origin import Origin
from evaluation.report_verdict import Verdict
from evaluation.report_words import summary
from evaluation.run import run as run_plan
from evaluation.run_client import EndpointError
from evaluation.run_journal import Journal
from evaluation.run_plan import plan
from evaluation.target import Target
from evaluation.target_file import TargetError, load_target, target_of
from unsay.console import note, say
from unsay.evaluation_demo import Demo, variants
from unsay.evaluation_progress import progress
from unsay.evaluation_servers import ServerError, audit_log, gateway, model_server
from unsay.launch import EngineError

INTERRUPTED = 130
_TOLD = (Verdict.MISSED, Verdict.FAILURES)


class WishError(ValueError):
    """The command line asks for what cannot be."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line's part of a target; `fields` that are None are the file's or the default."""

    file: Path | None
    behind: str | None
    without: str | None
    people: int | None
    listed: Path | None
    fields: Mapping[str, object]

    def target(self, ends: Mapping[str, object]) -> Target:
        """`ends` are the demo's, if it was started."""
        values: dict[str, object] = {"version": 1} if self.file is None else _values(load_target(self.file))
        values |= {name: value for name, value in self.fields.items() if value is not None}
        values |= {"k": [_number(one) for one in _listed(values["k"])]} if "k" in values else {}
        given = {"with": self.behind, "without": self.without}
        values |= {name: {"base_url": url} for name, url in given.items() if url is not None}
        values |= ends
        missing = [f"--{name} URL" for name in ("with", "without") if name not in values]
        if missing:
            raise WishError(
                f"expected {' and '.join(missing)}, or --target FILE, or --demo; found none of them. "
                "See `unsay evaluate --help`."
            )
        values["world"] = self._world(values.get("world"))
        return target_of(values, "the command line")

    def _world(self, given: object) -> dict[str, object]:
        world = dict(given) if isinstance(given, dict) else {}
        if self.people is not None:
            world["people"] = self.people
        if self.listed is not None:
            world["file"] = str(self.listed.resolve())
        return world


@dataclass(frozen=True, slots=True)
class Asked:
    """`demo` is None where endpoints are given."""

    wish: Wish
    demo: Demo | None
    out: Path
    fresh: bool
    answers: Path | None
    state: Path

    @property
    def folder(self) -> Path:
        return self.state / "evaluation"


def problems() -> tuple[type[Exception], ...]:
    """What ends the command with a message."""
    return (TargetError, WishError, EndpointError, ServerError, EngineError, OSError, ValueError)


def run(asked: Asked) -> int:
    """Evaluate, write the report, and give the status."""
    try:
        return _run(asked)
    except KeyboardInterrupt:
        note("interrupted; the same command goes on from here")
        return INTERRUPTED


def _run(asked: Asked) -> int:
    origin = Origin.of(f"unsay {' '.join(sys.argv[1:])}")
    runs: list[Without] = []
    target: Target | None = None
    for part, found in _targets(asked, origin):
        target = target or found
        runs.append(Without(part, _evaluated(asked, found, part)))
    assert target is not None
    _written(asked, target, origin, runs)
    return runs[0].report.status


def _targets(asked: Asked, origin: Origin) -> Iterator[tuple[str, Target]]:
    """What to run, with the name of the part that is off; its servers run as long as it is used."""
    if asked.demo is None:
        yield "", asked.wish.target({})
        return
    bare = {
        "base_url": "http://127.0.0.1/v1",
        "label": f"demo {asked.demo.engine} {origin.version} {origin.commit}",
    }
    wished = asked.wish.target({"without": bare, "with": bare})
    if wished.world.file is not None:
        raise WishError(
            "--people-file: expected --with and --without, for the demo knows its own people only"
        )
    folder = asked.folder / "demo"
    found = list(variants(asked.demo, wished.world, folder))
    share = None if wished.minutes is None else wished.minutes / len(found)
    with model_server(asked.demo.engine, wished.world, folder) as upstream:
        for variant in found:
            off = f" without {variant.part}" if variant.part else ""
            note(f"starting Unsay{off}; a new policy is compiled, which takes a while")
            home = variant.policy.parent
            with gateway(upstream, variant.policy, home, variant.remembers) as base_url:
                label, log = f"{bare['label']} {variant.digest}", audit_log(home)
                ends = {
                    "without": {**bare, "base_url": upstream},
                    "with": {"base_url": base_url, "label": label, "audit": str(log)},
                }
                yield variant.part, asked.wish.target(ends).model_copy(update={"minutes": share})


def _evaluated(asked: Asked, target: Target, part: str) -> Report:
    made = plan(target)
    path = asked.folder / f"tries-{target.key}.jsonl"
    if asked.fresh:
        path.unlink(missing_ok=True)
    with Journal(path) as journal, progress(f"without {part}" if part else "tries") as shown:
        if journal.outcomes:
            note(f"going on with {len(journal.outcomes):,} tries of {path}; --fresh begins anew")
        asyncio.run(run_plan(target, made, journal, shown, asked.answers))
        return report(target, made, list(journal.outcomes.values()))


def _written(asked: Asked, target: Target, origin: Origin, runs: list[Without]) -> None:
    found = runs[0].report
    paths = Written(target, found, origin, runs if len(runs) > 1 else ()).write(asked.out)
    for name, verdict in found.judged:
        if verdict in _TOLD:
            say(f"{verdict}: {name}")
    say(summary(found))
    say(f"The report: {', '.join(map(str, paths))}")


def _values(target: Target) -> dict[str, object]:
    return target.model_dump(mode="json", by_alias=True)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _number(value: object) -> object:
    """A number as one, and all else as it stands, for the check to complain of."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value
