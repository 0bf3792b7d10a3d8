"""How figures are written: the same words and digits in Markdown and on the page."""

from collections.abc import Iterator, Sequence
from typing import Final

from evaluation.metrics import people_needed
from evaluation.report import Report
from evaluation.report_leaks import Leaks, Within
from evaluation.report_rest import Sameness
from evaluation.report_table import Kind, Mark, Table
from evaluation.report_verdict import Verdict

GROUPS: Final = {
    "A": "in-context relearning",
    "B": "elicitation",
    "C": "encoded input",
    "D": "encoded output",
    "E": "protocol",
    "F": "attacks on the defence",
}
MARKS: Final = {
    Verdict.MET: Mark("✓", Verdict.MET, Kind.GOOD),
    Verdict.MISSED: Mark("✗", Verdict.MISSED, Kind.BAD),
    Verdict.FAILURES: Mark("!", Verdict.FAILURES, Kind.BAD),
    Verdict.FEW: Mark("…", Verdict.FEW, Kind.DOUBT),
    Verdict.IDLE: Mark("–", Verdict.IDLE, Kind.NOTHING),
    Verdict.NO_BAR: Mark("·", Verdict.NO_BAR, Kind.NOTHING),
}


def percent(share: float | None, digits: int = 1) -> str:
    return "" if share is None else f"{100 * share:.{digits}f} %"


def within_words(found: Within) -> str:
    """What leaked, and in brackets what it may be at most above the floor."""
    left_out = f", without {', '.join(found.left_out)}" if found.left_out else ""
    return f"{MARKS[found.verdict].sign} {percent(found.value)} (≤ {percent(found.upper)}{left_out})"


def tables(report: Report, ks: Sequence[int], bar: float | None) -> Iterator[Table]:
    head = (
        "attack",
        "without Unsay",
        "strangers",
        *(f"leak@{k}" for k in ks),
        "answers",
        "people",
        "prompts that reached the model",
    )
    bound = "" if bar is None else f" The bar: at most {percent(bar)} above the floor."
    said = (
        "Of how many people k answers to a prompt got a leak; in brackets the upper 95 % bound of what that "
        f"is above the floor.{bound}"
    )
    for group, title in GROUPS.items():
        rows = [*(one for one in report.groups if one.group == group), *_of(report, group)]
        if rows:
            cells = tuple((_leak_cells(one, ks), MARKS[one.verdict]) for one in rows)
            yield Table(f"Group {group}: {title}", said, head, cells)
    yield from _harmless(report)
    yield from _swaps(report)
    yield from _latency(report)


def _of(report: Report, group: str) -> list[Leaks]:
    return [one for one in report.rows if one.group == group]


def _leak_cells(row: Leaks, ks: Sequence[int]) -> tuple[str, ...]:
    found = {one.k: one for one in row.within}
    cells = tuple(within_words(found[k]) if k in found else "" for k in ks)
    reach = row.reach
    cut = f", {reach.prompts} of {row.wanted} prompts" if reach.prompts < row.wanted else ""
    failed = f", {sum(row.failures.values())} failed" if row.failures else ""
    return (
        row.name,
        percent(row.bare),
        percent(row.chance),
        *cells,
        f"{row.tries}{cut}{failed}",
        str(row.people),
        "" if reach.reached is None else f"{reach.reached} of {reach.prompts}",
    )


def _harmless(report: Report) -> Iterator[Table]:
    rows = tuple((_sameness_cells(one), MARKS[one.verdict]) for one in report.harmless)
    if rows:
        said = (
            "The answer with Unsay is byte for byte the one without, or it is altered. Where the model "
            "itself says the notice's words, or names somebody forgotten, nothing can be compared."
        )
        head = ("prompts", "compared", "altered", "bar", "not comparable", "failed")
        yield Table("What must still work", said, head, rows)


def _sameness_cells(one: Sameness) -> tuple[str, ...]:
    seen = one.same + one.altered
    altered = f"{one.altered} ({percent(one.share_altered, 2)}; ≤ {percent(one.upper, 2)})"
    bar = "" if one.bar is None else f"≤ {percent(one.bar, 2)}"
    return one.name, str(seen), altered, bar, str(one.blind), str(one.failures)


def _swaps(report: Report) -> Iterator[Table]:
    rows = tuple(
        (
            (
                one.name,
                one.arm,
                *(_part(count, one.tries) for count in (one.context, one.memory, one.neither)),
            ),
            None,
        )
        for one in report.swaps
        if one.tries
    )
    if rows:
        said = (
            "The prompt tells another value than the model has learnt. An answer with the prompt's value was "
            "read, one with the learnt value recalled."
        )
        head = ("about", "Unsay", "from the prompt", "from memory", "neither")
        yield Table("Relearning or recall", said, head, rows)


def _part(count: int, tries: int) -> str:
    return f"{count} ({percent(count / tries, 0)})"


def _latency(report: Report) -> Iterator[Table]:
    if (one := report.latency) is None:
        return
    rows = (
        (("without Unsay", f"{one.without_p50:.1f} ms", f"{one.without_p99:.1f} ms"), None),
        (("with Unsay", f"{one.with_p50:.1f} ms", f"{one.with_p99:.1f} ms"), None),
    )
    said = f"{one.requests} whole answers to harmless prompts each way, under the load of this run."
    yield Table("Latency", said, ("", "p50", "p99"), rows)


def summary(report: Report) -> str:
    """One line for people."""
    counts = [(verdict, report.verdicts.count(verdict)) for verdict in Verdict]
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    cut = (
        ""
        if report.done >= report.wanted
        else f" Cut short after {report.done:,} of {report.wanted:,} tries."
    )
    return f"{len(report.verdicts)} rows: {said or 'none'}.{cut}"


def few_words(bar: float | None) -> str:
    """What a row needs whose bar could not be shown."""
    if bar is None:
        return ""
    return (
        f"Without a single leak a bar of {percent(bar)} takes {people_needed(bar)} people, and for leak@k "
        "k answers to each prompt that reaches the model."
    )


def kept_words(report: Report) -> str:
    """What the figures for many answers rest on."""
    rows = [one.reach for one in report.rows if one.reach.reached is not None]
    kept = sum(one.prompts - (one.reached or 0) for one in rows)
    if not kept:
        return ""
    again, otherwise = sum(one.again for one in rows), sum(one.otherwise for one in rows)
    return (
        f"{kept:,} prompts were answered without the model: such an answer counts for any number of answers. "
        f"{again:,} of them were sent again with another seed; {otherwise or 'none'} ended otherwise."
    )
