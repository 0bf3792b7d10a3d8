"""A report written down three ways: JSON for programs, Markdown and a page for people.

The rule: all three say the same figures; none holds an address, a path or anything that was answered.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from evaluation.report import Report
from evaluation.report_ablation import Without, ablation
from evaluation.report_chart import charts
from evaluation.report_markdown import markdown
from evaluation.report_origin import Origin
from evaluation.report_page import page
from evaluation.report_table import Table
from evaluation.report_verdict import Verdict
from evaluation.report_words import MARKS, few_words, kept_words, summary, tables
from evaluation.target import Target


@dataclass(frozen=True, slots=True)
class Written:
    """What goes into the files. `runs` are those of an ablation, the whole defence first."""

    target: Target
    report: Report
    origin: Origin
    runs: Sequence[Without] = ()

    def write(self, stem: Path) -> list[Path]:
        """`stem` with .json, .md and .html."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        texts = {".json": self._json(), ".md": self._markdown(), ".html": self._page()}
        paths = []
        for suffix, text in texts.items():
            path = stem.with_name(stem.name + suffix)
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return paths

    @property
    def _title(self) -> str:
        return f"What {self.target.model} tells behind Unsay"

    def _notes(self) -> list[str]:
        left = self.report.left_out
        notes = [str(self.origin), few_words(self.target.bars.leak), kept_words(self.report)]
        if left:
            notes.append(f"Left out, because they need the invented world: {', '.join(left)}.")
        return [one for one in notes if one]

    def _tables(self) -> list[Table]:
        found = tables(self.report, self.target.k, self.target.bars.leak)
        return [*found, *ablation(self.runs)]

    def _markdown(self) -> str:
        texts = (self._title, summary(self.report), self._notes())
        return markdown(*texts, MARKS.values(), self._tables(), _method())

    def _page(self) -> str:
        texts = (self._title, summary(self.report), self._notes())
        counts = [(self.report.verdicts.count(verdict), MARKS[verdict]) for verdict in Verdict]
        drawn = charts(self.report, self.target.k, self.target.bars.leak)
        return page(*texts, counts, drawn, self._tables(), _method())

    def _json(self) -> str:
        left_out: dict[str, Any] = dict.fromkeys(("without", "behind", "data"), True)
        left_out |= {"world": {"file"}, "leak": {"judge"}}
        target = self.target.model_dump(mode="json", exclude=left_out)
        record = {
            **asdict(self.origin),
            "status": self.report.status,
            "summary": summary(self.report),
            "target": target,
            **asdict(self.report),
            "ablation": [
                {"off": one.part, "leaking": one.leaking, "share": one.share, "altered": one.altered}
                for one in self.runs
            ],
        }
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _method() -> str:
    """How figures are made, in the words that every report carries."""
    return (files("evaluation") / "report_method.md").read_text(encoding="utf-8")
