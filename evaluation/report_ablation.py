"""What each part of the defence is worth: the same evaluation with one part off at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.report import Report
from evaluation.report_verdict import Verdict
from evaluation.report_words import Table, percent


@dataclass(frozen=True, slots=True)
class Without:
    """The report of a run in which `part` was off; an empty name is the whole defence."""

    part: str
    report: Report

    @property
    def leaking(self) -> list[str]:
        """The rows in which anything leaked that does not by chance."""
        judged = (one for one in self.report.rows if one.verdict is not Verdict.IDLE)
        return [one.name for one in judged if one.leaks]

    @property
    def share(self) -> float:
        """Of the tries of all rows that leak without Unsay."""
        rows = [one for one in self.report.rows if one.verdict is not Verdict.IDLE]
        tries = sum(one.tries for one in rows)
        return sum(one.leaks for one in rows) / tries if tries else 0.0

    @property
    def altered(self) -> tuple[int, int]:
        rows = self.report.harmless
        return sum(one.altered for one in rows), sum(one.same + one.altered for one in rows)


def ablation(runs: Sequence[Without]) -> Iterator[Table]:
    if len(runs) < 2:
        return
    whole = set(runs[0].leaking)
    head = (
        "off",
        "tries that leak",
        "rows that leak",
        "harmless answers altered",
        "rows that leak only then",
    )
    rows = tuple((_cells(one, whole), None) for one in runs)
    said = "The same with one detector off or one part of every entry left out. Each must change something."
    yield Table("What each part is worth", said, head, rows)


def _cells(one: Without, whole: set[str]) -> tuple[str, ...]:
    altered, seen = one.altered
    fresh = [name for name in one.leaking if name not in whole]
    shown = ", ".join(fresh[:8]) + (f" and {len(fresh) - 8} more" if len(fresh) > 8 else "")
    return one.part or "nothing", percent(one.share, 2), str(len(one.leaking)), f"{altered} of {seen}", shown
