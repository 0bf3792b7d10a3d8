"""Sample traffic, and the audit log, for `unsay forget preview`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.admin.documents import PreviewDocument, RowsDocument, TryDocument
from gateway.admin.ledger_desk import LedgerDesk
from gateway.admin.preview import LIMIT
from gateway.admin.rows import rows_of_lines
from gateway.admin.trial import Trial
from gateway.admin.trouble import NotFound
from gateway.audit.watched import watched_of
from unsay.console import note, progress_line
from unsay.forget_entry import Flags, document
from unsay.forget_place import Place, compiler_at, desk_at

MOST_ROWS = 100_000


def of_request(place: Place, request: str, on: Path, model: str) -> PreviewDocument:
    rows = _rows(on)
    with desk_at(place) as desk:
        desk = replace(desk, told=_told(len(rows))) if isinstance(desk, LedgerDesk) else desk
        return desk.preview(request, RowsDocument(rows=rows, model=model))


def of_entry(place: Place, entry: str, on: Path, model: str) -> PreviewDocument:
    rows, said = _rows(on), dict(document(entry, Flags()))
    asked = TryDocument(rows=rows, model=model, entry=said)
    if place.admin is None:
        return Trial(compiler_at(place), told=_told(len(rows))).of_entry(asked)
    with desk_at(place) as desk:
        return desk.try_out(asked)


def of_log(logs: Sequence[Path], request: str) -> PreviewDocument:
    """What the gateway saw of it: the rows are requests, and of their numbers nothing is known."""
    watched = watched_of(logs, request)
    if not watched.seen:
        raise NotFound(f"{request}: expected requests that were looked through for it, found none in the log")
    if watched.unseen:
        note(f"{watched.unseen} requests more were not looked through")
    return PreviewDocument(
        rows=watched.seen,
        refused=watched.refused,
        redacted=watched.prompts,
        answers=watched.answers,
        share=watched.share,
        limit=LIMIT,
        above=watched.share > LIMIT,
        places=(),
        semantic="compiled",
        more_places=False,
    )


def _rows(on: Path) -> tuple[Any, ...]:
    """Checked here, so that a mistake is told with its line."""
    with on.open("rb") as file:
        rows = tuple(rows_of_lines(file, MOST_ROWS))
    if not rows:
        raise ValueError(f"{on}: expected at least one row, found none")
    return tuple(
        {"messages": [{"role": role, "content": text} for role, text in row.messages], "answer": row.answer}
        for row in rows
    )


def _told(total: int) -> Callable[[int], None]:
    report = progress_line()
    return lambda done: report("rows tried", done, total)
