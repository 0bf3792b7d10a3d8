"""A report written down: JSON for programs, Markdown and a page for people, and what the gateway reads.

Rules: all say the same figures; the folder is there whole or not at all; only the policy of what came from
files holds texts.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from evaluation.report_markdown import markdown
from evaluation.report_origin import Origin
from evaluation.report_page import page
from unlearning.report.chart import drawings
from unlearning.report.item import Outcome
from unlearning.report.report import Report
from unlearning.report.residual import residual_lines, residual_policy
from unlearning.report.words import MARKS, NO_PROOF, OUTCOMES, summary, tables, title
from unlearning.samples import Sample
from unlearning.whole_folder import written_whole


@dataclass(frozen=True, slots=True)
class Written:
    """What goes into the folder. `samples`: those of files, which no policy has."""

    report: Report
    origin: Origin
    samples: Sequence[Sample] = ()

    def write(self, folder: Path) -> None:
        with written_whole(folder) as draft:
            for name, text in self._texts():
                (draft / name).write_text(text, encoding="utf-8")

    def _texts(self) -> Iterator[tuple[str, str]]:
        yield "report.json", self._json()
        yield "report.md", markdown(*self._heads(), MARKS, list(tables(self.report)), _method())
        yield "report.html", self._page()
        yield "residual.jsonl", residual_lines(self.report)
        if policy := residual_policy(self.report, self.samples):
            yield "residual.yaml", policy

    def _heads(self) -> tuple[str, str, list[str]]:
        return title(self.report), summary(self.report), [str(self.origin), NO_PROOF]

    def _page(self) -> str:
        counts = self.report.outcomes()
        tiles = [(counts[outcome], OUTCOMES[outcome]) for outcome in Outcome]
        return page(*self._heads(), tiles, drawings(self.report), list(tables(self.report)), _method())

    def _json(self) -> str:
        report = self.report
        record: dict[str, Any] = {
            **asdict(self.origin),
            "model": report.model,
            "method": report.method,
            "summary": summary(report),
            "figures": [asdict(one) | {"within": one.within} for one in report.figures],
            "relearning": {name: asdict(curve)["points"] for name, curve in report.curves.items()},
            "unasked": report.unasked,
            "guessed": report.guessed,
            "items": [asdict(item) | {"outcome": item.outcome} for item in report.items],
        }
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _method() -> str:
    """How figures are made, in the words that every report carries."""
    return (files("unlearning.report") / "method.md").read_text(encoding="utf-8")
