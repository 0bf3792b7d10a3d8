"""`make bench`: what Unsay costs, beside what else could stand there, on this machine."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.bars import judged
from benchmarks.bench import bench
from benchmarks.cases import CASES
from benchmarks.columns import TITLES, Kind, litellm_version
from benchmarks.memory import further_worker
from benchmarks.page import Page
from benchmarks.process import ROOT, Failed
from benchmarks.rows import Row
from benchmarks.run import Plan, carry_out
from benchmarks.table import show

EXAMPLES = """
Examples:

    python -m benchmarks                                   everything; writes docs/results/gateway.*

    python -m benchmarks --quick                           little forgotten, fewer and shorter rounds; no page

    python -m benchmarks --columns passthrough,exact --rows streams --cases plain --rounds 2

Columns: COLUMNS. Rows: ROWS. Cases: CASES.
"""
QUICK, QUICK_CASES = (3, 0.4), ("plain", "long")
FULL = (4, 0.5)


def _names(text: str | None, known: list[str]) -> list[str]:
    chosen = text.split(",") if text else known
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise typer.BadParameter(f"expected some of {', '.join(known)}; got {', '.join(unknown)}")
    return [name for name in known if name in chosen]


def main(
    quick: Annotated[bool, typer.Option(help="Fewer rounds and cases: six minutes.")] = False,
    columns: Annotated[str | None, typer.Option(help="Some columns, with commas between.")] = None,
    rows: Annotated[str | None, typer.Option(help="Some rows, with commas between.")] = None,
    cases: Annotated[str | None, typer.Option(help="Some cases, with commas between.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often each is measured.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.05, help="How long each is measured.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page; by default only of a full run.")
    ] = None,
) -> None:
    usual_rounds, usual_seconds = QUICK if quick else FULL
    known = {case.name: case for case in CASES}
    usual_cases = [name for name in known if not quick or name in QUICK_CASES]
    plan = Plan(
        tuple(map(Kind, _names(columns, list(Kind)))),
        tuple(map(Row, _names(rows, list(Row)))),
        tuple(known[name] for name in (_names(cases, list(known)) if cases else usual_cases)),
        rounds or usual_rounds,
        seconds or usual_seconds,
    )
    # What is not a terminal has no width.
    # What was started ends with a run that is told to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else 180)
    try:
        with bench(ROOT / ".unsay" / "bench") as running:
            samples = carry_out(plan, running, console)
            bars = judged(samples, plan.cases)
            if plan.whole:
                console.print("starting Unsay with 1 and with 3 workers and 1,000,000 windows")
                bars.append(further_worker(running))
    except Failed as failed:
        console.print(f"[red]{failed}")
        raise typer.Exit(1) from None
    show(samples, plan, bars, console)
    folder = out or (ROOT / "docs" / "results" if plan.whole else None)
    if folder is not None:
        Page(samples, plan, bars, litellm_version()).write(folder)
        console.print(f"Written: {folder / 'gateway.md'}")


main.__doc__ = (
    "Measure Unsay beside the upstream alone, a bare pass-through and LiteLLM.\n\n\b"
    + EXAMPLES.replace("COLUMNS", ", ".join(TITLES))
    .replace("ROWS", ", ".join(Row))
    .replace("CASES", ", ".join(case.name for case in CASES))
)

if __name__ == "__main__":
    typer.run(main)
