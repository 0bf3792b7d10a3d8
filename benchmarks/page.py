"""The page of a run: docs/results/gateway.md, the same as JSON, and a picture.

Rule: the command alone writes it; no figure is put in by hand.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from benchmarks.bars import Judged
from benchmarks.cases import Case
from benchmarks.chart import Bars, svg
from benchmarks.columns import TITLES, UNSAY, Kind
from benchmarks.figures import BRIEF, EVENT, FIRST, STREAMS, WHOLE, Metric, Samples
from benchmarks.machine import this_machine
from benchmarks.run import Plan
from benchmarks.table import rows_of, written
from tests.figures import commit

PICTURED = (BRIEF, WHOLE, STREAMS, EVENT, FIRST)
TEXT = Template(Path(__file__).with_name("page.md").read_text())


@dataclass(frozen=True, slots=True)
class Page:
    samples: Samples
    plan: Plan
    judged: Sequence[Judged]
    litellm: str

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        head = self._head()
        record = head | {"bars": list(self._bars()), "figures": list(self._figures())}
        text = TEXT.substitute(
            head, first=self.plan.cases[0].title, bars=self._table_of_bars(), tables=self._tables()
        )
        (folder / "gateway.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        (folder / "gateway.svg").write_text(svg(list(self._groups())))
        (folder / "gateway.md").write_text(text)

    def _head(self) -> dict[str, object]:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        run = {"litellm": self.litellm, "rounds": self.plan.rounds, "seconds": self.plan.seconds}
        return {"commit": commit(), "made": made, **asdict(this_machine()), **run}

    def _bars(self) -> Iterator[dict[str, object]]:
        for one in self.judged:
            yield {"bar": one.bar.title, "limit": one.bar.limit, "verdict": one.verdict, **asdict(one.figure)}

    def _figures(self) -> Iterator[dict[str, object]]:
        for case in self.plan.cases:
            for metric in rows_of(self.plan):
                for kind in self.plan.of(case):
                    if (figure := self.samples.figure(metric, case, kind)) is not None:
                        named = {"case": case.name, "row": _alone(metric), "column": str(kind)}
                        yield named | asdict(figure)

    def _groups(self) -> Iterator[Bars]:
        """Without the upstream: beside it all gateways look alike."""
        case, ours = self.plan.cases[0], frozenset(TITLES[kind] for kind in UNSAY)
        kinds = [kind for kind in self.plan.of(case) if kind is not Kind.UPSTREAM]
        for metric in PICTURED:
            found = [(TITLES[kind], self.samples.figure(metric, case, kind)) for kind in kinds]
            values = [(name, figure.median) for name, figure in found if figure is not None]
            if values:
                yield Bars(metric.name, values, ours, metric.digits)

    def _table_of_bars(self) -> str:
        return "\n".join(
            _line([one.bar.title, one.bar.limit, written(one.figure, one.bar.digits), one.verdict])
            for one in self.judged
        )

    def _tables(self) -> str:
        return "\n".join(line for case in self.plan.cases for line in self._table(case))

    def _table(self, case: Case) -> Iterator[str]:
        kinds = self.plan.of(case)
        yield f"\n## {case.title[0].upper()}{case.title[1:]}\n"
        yield _line(["", *(TITLES[kind] for kind in kinds)])
        yield "|---|" + "---|" * len(kinds)
        for metric in rows_of(self.plan):
            cells = (written(self.samples.figure(metric, case, kind), metric.digits) for kind in kinds)
            yield _line([metric.title, *cells])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _alone(metric: Metric) -> str:
    """Named without the row above it."""
    return metric.name if metric.title == metric.name else f"{metric.name} {metric.title}"
