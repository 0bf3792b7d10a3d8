"""What the `forget` commands print: columns for people, JSON for programs, never a forgotten text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydantic import BaseModel

from gateway.admin.documents import PreviewDocument, RequestDocument

COLUMNS: Final = (
    "REQUEST",
    "STATE",
    "SHARE",
    "SINCE",
    "BY",
    "REASON",
    "EXACT",
    "SEMANTIC",
    "IN FORCE",
    "AWAITS",
)
# So many row numbers of a preview are printed.
MOST_ROWS: Final = 20


def as_json(document: BaseModel) -> str:
    return json.dumps(document.model_dump(mode="json", by_alias=True), indent=2)


def table(requests: Iterable[RequestDocument]) -> str:
    rows = [COLUMNS, *map(_row, requests)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _row(one: RequestDocument) -> Sequence[str]:
    share = f"{one.share:.0%}" if one.state == "enforced" else "-"
    replicas = len({force.replica for force in one.in_force})
    since = one.since.strftime("%Y-%m-%d %H:%M")
    return (
        one.id,
        one.state,
        share,
        since,
        one.requester,
        one.reason,
        one.exact,
        one.semantic,
        str(replicas),
        " ".join(one.awaits) or "-",
    )


def whole(one: RequestDocument) -> str:
    return "\n".join(_lines(one))


def _lines(one: RequestDocument) -> Iterator[str]:
    yield sentence(one)
    yield f"  reason      {one.reason}, asked for by {one.requester}"
    yield f"  holds       {', '.join(f'{count} {kind}' for kind, count in one.counts.items() if count)}"
    yield f"  binds       models {' '.join(one.models)}; keys {' '.join(one.keys)}{_times(one)}"
    kept = f"{one.source} ({one.reference})" if one.reference else one.source
    yield f"  texts kept  {kept}"
    yield f"  commitment  {one.commitment}"
    for approval in one.approvals:
        yield f"  approved    {approval.event} by {approval.actor}, share {approval.share:g}"
    if one.awaits:
        yield f"  awaits      approval of: {', '.join(one.awaits)}"
    if one.preview is not None:
        yield f"  preview     {_previewed(one.preview)}"
    for force in one.in_force:
        when = f"{force.at.isoformat(timespec='milliseconds')}, after {force.after_s:g} s"
        yield f"  in force    {force.replica}: {force.part}, generation {force.generation}, {when}"
    for change in one.history:
        at = change.at.isoformat(timespec="seconds")
        yield f"  {change.sequence:<11} {at} {change.event} by {change.actor}"


def sentence(one: RequestDocument) -> str:
    share = f" for {one.share:.0%} of what is asked" if one.share < 1 else ""
    parts = f"exact part {one.exact}, semantic part {one.semantic}"
    return f"{one.id}: {one.state}{share}; {parts}"


def _times(one: RequestDocument) -> str:
    start = f"; from {one.start.isoformat()}" if one.start else ""
    return start + (f"; until {one.until.isoformat()}" if one.until else "")


def _previewed(figures: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def previewed(found: PreviewDocument) -> str:
    withheld = found.refused + found.redacted + found.answers
    lines = [
        f"{withheld} of {found.rows} rows would be withheld ({found.share:.2%}): {found.refused} prompts "
        f"refused, {found.redacted} changed, {found.answers} answers changed"
    ]
    if found.places:
        more = ", ..." if len(found.places) > MOST_ROWS or found.more_places else ""
        lines.append(f"rows: {', '.join(map(str, found.places[:MOST_ROWS]))}{more}")
    if found.semantic != "compiled":
        lines.append(f"looked for words alone: the semantic part is {found.semantic}")
    return "\n".join(lines)


def warning(found: PreviewDocument) -> str:
    """Nothing where there is none."""
    if not found.above:
        return ""
    return (
        f"warning: {found.share:.2%} is more than {found.limit:.2%} of this traffic: look at the rows, and "
        "make the entry narrower, before it is enforced"
    )
