"""How long a forget request takes to be enforced on all replicas: two gateways, one ledger on PostgreSQL.

    python -m benchmarks.enforcing [--rounds 50] [--before 0] [--passages 100] [--semantic]

Rule: rows measured otherwise stay as they are, so that each can be measured on its own.
"""

import argparse
import json
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import this_machine
from benchmarks.markdown import table
from benchmarks.process import ROOT
from gateway.admin.documents import AddDocument, MoveDocument
from gateway.admin.ledger_desk import LedgerDesk
from gateway.admin.workshop import Workshop
from index.build import build
from index.encoder import MiniLM
from index.ledger.event import Event, Part
from index.ledger.ledger import Ledger
from index.ledger.report import Report
from index.semantic_blob import from_bytes
from policy.file import load_policy
from tests.figures import commit
from tests.gateway.canned import Canned
from tests.gateway.following.fleet import KEY, WHO, Fleet, fleet, leaks, recite
from tests.gateway.served import until
from tests.postgres import postgres

RESULTS = ROOT / "docs" / "results"
PAGE = Path(__file__).with_name("enforcing.page.md")
WORDS, REPLICAS = 100, 2
# Asking takes time from what is measured.
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds since the request was handed in: until it was committed, until the last replica said that it
    is in force, until each had withheld it once. `semantic`: until its vectors were in force; `encoder`: how
    much the encoder took of that.
    """

    committed: float
    in_force: float
    withheld: float
    semantic: float | None = None
    encoder: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--before", type=int, default=0, help="passages enforced before")
    parser.add_argument("--passages", type=int, default=100, help="of a request")
    parser.add_argument("--semantic", action="store_true")
    asked = parser.parse_args()
    rounds = list(measured(asked.rounds, asked.before, asked.passages, asked.semantic))
    kind = "with vectors" if asked.semantic else "exact"
    record(f"{asked.passages} passages, {kind}, {asked.before:,} before", rounds)


def measured(rounds: int, before: int, passages: int, semantic: bool) -> Iterator[Round]:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(postgres(Path(folder) / "pg"))
        canned = stack.enter_context(Canned())
        found, ledger = stack.enter_context(begun(Path(folder), canned, url, semantic))
        desk = desk_of(found, ledger)
        first = -(-before // passages)
        for number in range(first):
            add(desk, found, number, passages)
        settled(ledger)
        for number in range(first, first + rounds):
            one = timed(desk, found, ledger, number, passages, semantic)
            print(one, flush=True)
            yield one
            # Each round begins with as much as the first.
            desk.move(name_of(number), MoveDocument(event=Event.RESTORE))
            settled(ledger)


@contextmanager
def begun(folder: Path, canned: Canned, url: str, semantic: bool) -> Iterator[tuple[Fleet, Ledger]]:
    policy: dict[str, Any] = {"detectors": {}} if semantic else {}
    with fleet(folder, canned, url, replicas=0, policy=policy) as (found, ledger), ExitStack() as stack:
        found.texts.words = WORDS
        encoder = MiniLM() if semantic else None
        for number in range(REPLICAS):
            # Each would build the same.
            build(load_policy(found.policy), folder / f"replica-{number}" / "snapshot", KEY, encoder)
            found.replicas.append(stack.enter_context(found.replica(f"replica-{number}")))
        yield found, ledger


def desk_of(found: Fleet, ledger: Ledger) -> LedgerDesk:
    snapshot = found.folder / "replica-0" / "snapshot"
    desk = LedgerDesk(ledger, found.keys(), WHO, Workshop(found.policy, snapshot, KEY, MiniLM()).compiler)
    desk.prepare()
    return desk


def name_of(number: int) -> str:
    return f"request-{number}"


def add(desk: LedgerDesk, found: Fleet, number: int, passages: int) -> None:
    texts = [found.texts.text(number * passages + place) for place in range(passages)]
    entry = {"id": name_of(number), "passages": texts}
    desk.add(AddDocument(entry=entry, then=Event.ENFORCE), "")


def timed(
    desk: LedgerDesk, found: Fleet, ledger: Ledger, number: int, passages: int, semantic: bool
) -> Round:
    began = time.time()
    times: list[float] = []
    watching = [
        threading.Thread(target=watch, args=(found, replica, number * passages, times))
        for replica in range(REPLICAS)
    ]
    for each in watching:
        each.start()
    add(desk, found, number, passages)
    for each in watching:
        each.join()
    request = ledger.request(name_of(number))
    committed = next(one for one in request.history if one.event is Event.ENFORCE)
    exact = until(lambda: reported(ledger, Part.EXACT, committed.sequence))
    told: dict[str, float] = {}
    if semantic:
        attached = [one for one in request.history if one.event is Event.ATTACH][-1]
        vectors = until(lambda: reported(ledger, Part.SEMANTIC, attached.sequence), 600.0)
        segment = from_bytes(ledger.segment(request.segments[Part.SEMANTIC]), KEY)
        told = {"semantic": latest(vectors) - began, "encoder": segment.timing.encoder_s}
    return Round(committed.at.timestamp() - began, latest(exact) - began, max(times) - began, **told)


def watch(found: Fleet, replica: int, number: int, times: list[float]) -> None:
    """Ask for a passage until it is withheld."""
    while leaks(found.texts, number, recite(found.replicas[replica].running, number)):
        time.sleep(PAUSE_S)
    times.append(time.time())


def settled(ledger: Ledger) -> None:
    """All that was asked for is in force, and nothing is being made."""
    until(lambda: reported(ledger, Part.EXACT, ledger.head().sequence - 1), 600.0)


def reported(ledger: Ledger, part: Part, sequence: int) -> list[Report] | None:
    """The first report of each replica that has it in force; None before all have."""
    first: dict[str, Report] = {}
    for report in ledger.reports():
        if report.part is part and report.sequence >= sequence:
            first.setdefault(report.replica, report)
    return list(first.values()) if len(first) == REPLICAS else None


def latest(reports: Sequence[Report]) -> float:
    return max(report.at.timestamp() for report in reports)


def record(name: str, rounds: Sequence[Round]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / "enforcing.json"
    rows = json.loads(file.read_text()) if file.exists() else {}
    rows[name] = {
        "commit": commit(),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 1),
        "rounds": [[getattr(one, field) for field in Round.__slots__] for one in rounds],
    }
    file.write_text(json.dumps(rows, indent=1) + "\n")
    machine = this_machine()
    said = {"machine": f"{machine.cores} cores of {machine.processor}", "table": "\n".join(_table(rows))}
    (RESULTS / "enforcing.md").write_text(Template(PAGE.read_text()).substitute(said))


def _table(rows: dict[str, Any]) -> Iterator[str]:
    head = (
        "request",
        "rounds",
        "load",
        "committed",
        "in force",
        "withheld",
        "vectors in force",
    )
    yield table(head, (_row(name, row) for name, row in rows.items()))


def _row(name: str, row: dict[str, Any]) -> Sequence[str]:
    columns = list(zip(*row["rounds"], strict=True))
    figures = [_figure(column) for column in columns[:3]]
    vectors = "" if columns[3][0] is None else f"{_figure(columns[3])}; encoder {_figure(columns[4])}"
    return name, str(len(row["rounds"])), str(row["load"]), *figures, vectors


def _figure(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} s (worst {max(values):.2f} s)"


if __name__ == "__main__":
    main()
