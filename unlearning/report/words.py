"""How a report is written: the same words and digits in Markdown and on the page.

Rule: no word of it says more than was seen. Nothing that unlearning does to an item is good news, so no
outcome is marked as such.
"""

from collections.abc import Iterator
from typing import Final

from evaluation.report_table import Kind, Mark, Table
from unlearning.metrics.null_band import Band
from unlearning.report.figure import Figure, Group
from unlearning.report.item import Item, Outcome, Way
from unlearning.report.report import Report

OUTCOMES: Final = {
    Outcome.SAID: Mark("✗", Outcome.SAID, Kind.BAD),
    Outcome.SUPPRESSED: Mark("!", Outcome.SUPPRESSED, Kind.DOUBT),
    Outcome.UNSEEN: Mark("?", Outcome.UNSEEN, Kind.NOTHING),
    Outcome.UNKNOWN: Mark("–", Outcome.UNKNOWN, Kind.NOTHING),
}
WITHIN: Final = {
    True: Mark("✓", "within", Kind.GOOD),
    False: Mark("✗", "outside", Kind.BAD),
    None: Mark("·", "not judged", Kind.NOTHING),
}
MARKS: Final = (*OUTCOMES.values(), *WITHIN.values())
WAYS: Final = {
    Way.ASKED: "when asked",
    Way.CONTEXT: "when asked after a context that doesn't tell it",
    Way.ROUNDED: "when the weights were rounded to fewer bits",
    Way.TAUGHT: "when others were taught again",
}
MOST_ENTRIES: Final = 200
NO_PROOF: Final = (
    "**Not seen again** means that none of these tests brought it out. That is no proof: another test may. "
    "What is **suppressed** is still in the weights and comes back in at least one way."
)


def title(report: Report) -> str:
    return f"What {report.model} still knows after {report.method}"


def summary(report: Report) -> str:
    """One line for people."""
    counts = report.outcomes()
    said = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in Outcome if counts[outcome])
    entries, items = len(report.residual_entries()), len(report.residual)
    judged = [one.within for one in report.figures if one.within is not None]
    guarded = f"{_counted(entries, 'entry', 'entries')} for {_counted(items, 'item', 'items')}"
    return (
        f"Of {len(report.items):,} items: {said}."
        + (f" The gateway has to go on guarding {guarded}." if items else "")
        + (f" {len(report.unasked):,} more were not asked about: guard them, too." if report.unasked else "")
        + (f" {judged.count(False)} of {len(judged)} figures lie outside of their bands." if judged else "")
    )


def tables(report: Report) -> Iterator[Table]:
    yield _outcomes(report)
    yield _ways(report)
    for group in Group:
        figures = [one for one in report.figures if one.group is group]
        if figures:
            yield _figures(group, figures)
    if report.residual:
        yield _entries(report)


def digits(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"


def _outcomes(report: Report) -> Table:
    counts = report.outcomes()
    rows = tuple(
        ((f"{counts[outcome]:,}", f"{counts[outcome] / len(report.items):.1%}"), OUTCOMES[outcome])
        for outcome in Outcome
        if counts[outcome]
    )
    note = "An item is a question with its answer, or a text. What came back in any way has to be guarded."
    if report.guessed is not None:
        note += (
            f" Of the holdout, which was never learnt, {report.guessed:.1%} came out when asked or taught "
            "beside: so many are guessed."
        )
    return Table("What became of what was to be forgotten", note, ("items", "share"), rows)


def _ways(report: Report) -> Table:
    counts = report.ways()
    rows = tuple(((WAYS[way], f"{counts[way]:,}"), None) for way in Way)
    note = "An item may come out in several ways. Taught again: others of the forgotten, never itself."
    return Table("How it came out", note, ("way", "items"), rows)


def _figures(group: Group, figures: list[Figure]) -> Table:
    note = "The band is where a figure lies when nothing is left, or when no more is lost than may be."
    head = ("figure", "before", "after", "gold", "band", "from")
    return Table(group, note, head, tuple((_cells(one), WITHIN[one.within]) for one in figures))


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        digits(figure.before),
        digits(figure.after),
        digits(figure.gold),
        _band(figure.band),
        figure.basis or "",
    )


def _band(band: Band | None) -> str:
    return "" if band is None else f"{digits(band.low)} to {digits(band.high)}"


def _entries(report: Report) -> Table:
    found = report.residual_entries()
    rows = tuple(((_shown(entry), str(len(items)), _named(items)), None) for entry, items in found.items())
    more = len(rows) - MOST_ENTRIES
    note = "By the ids of entries." + (f" {more:,} more are in residual.jsonl." if more > 0 else "")
    head = ("entry", "items that came back", "how")
    return Table("What the gateway has to go on guarding", note, head, rows[:MOST_ENTRIES])


def _named(items: tuple[Item, ...]) -> str:
    return "; ".join(WAYS[way] for way in Way if any(way in item.ways for item in items))


def _shown(name: str) -> str:
    """An id as one short line, whatever a file called it."""
    plain = " ".join(name.split())
    return plain if len(plain) <= 80 else f"{plain[:79]}…"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
