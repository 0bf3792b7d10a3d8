"""A forget request as people and programs are told of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.admin.documents import (
    ApprovalDocument,
    ChangeDocument,
    ForceDocument,
    ReplicaDocument,
    RequestDocument,
)
from index.ledger.event import MOVES, Event, Part
from index.ledger.report import Report
from index.ledger.request import Change, Request
from index.ledger.settings import Settings

COMPILED: Final = "compiled"
PENDING: Final = "pending"
OFF: Final = "off"
PREVIEW: Final = "preview"


@dataclass(frozen=True, slots=True)
class Showing:
    """`meaning`: whether the policy looks for it; None where the policy is not at hand."""

    settings: Settings
    reports: tuple[Report, ...]
    meaning: bool | None

    def document(self, request: Request, remark: str = "") -> RequestDocument:
        force = request.force
        return RequestDocument(
            id=request.id,
            state=request.state,
            since=request.since,
            requester=request.requester,
            reason=request.reason,
            commitment=request.commitment,
            models=force.models,
            keys=force.keys,
            start=force.start,
            until=force.end,
            share=request.share,
            source=request.source,
            reference=request.reference,
            counts=dict(request.counts),
            exact=COMPILED if Part.EXACT in request.segments else PENDING,
            semantic=self.semantic(request),
            approvals=tuple(
                ApprovalDocument(event=one.event, actor=one.actor, share=one.share)
                for one in request.approvals
            ),
            awaits=tuple(self._awaits(request)),
            in_force=tuple(in_force(request, self.reports)),
            preview=_figures(request.notes.get(PREVIEW)),
            remark=remark,
            history=tuple(
                ChangeDocument(sequence=one.sequence, event=one.event, at=one.at, actor=one.actor)
                for one in request.history
            ),
        )

    def semantic(self, request: Request) -> str:
        if Part.SEMANTIC in request.segments:
            return COMPILED
        return OFF if self.meaning is False else PENDING

    def _awaits(self, request: Request) -> Iterator[Event]:
        """Moves that could be made if somebody approved."""
        if not request.open:
            return
        approved = {one.event for one in request.approvals if one.actor != request.requester}
        for event in MOVES:
            wanted = event in self.settings.approve and event not in approved
            if wanted and request.state in MOVES[event].before:
                yield event


def in_force(request: Request, reports: Iterable[Report]) -> Iterator[ForceDocument]:
    """From when on each replica had the last move in force: its first report of it or a later record."""
    moved = _last(request, *MOVES)
    if moved is None:
        return
    # What was compiled after the move is in force once its own record is.
    attached = _last(request, *MOVES, Event.ATTACH) or moved
    needed = {Part.EXACT: moved, Part.SEMANTIC: attached}
    first: dict[tuple[str, Part], Report] = {}
    for report in sorted(reports, key=lambda one: one.sequence):
        if report.part in request.segments and report.sequence >= needed[report.part].sequence:
            first.setdefault((report.replica, report.part), report)
    for (replica, part), report in sorted(first.items()):
        yield ForceDocument(
            replica=replica,
            part=part,
            sequence=report.sequence,
            generation=report.generation,
            at=report.at,
            after_s=round((report.at - needed[part].at).total_seconds(), 3),
        )


def newest(reports: Iterable[Report]) -> Iterator[ReplicaDocument]:
    """Of each replica the last that it said."""
    last = {one.replica: one for one in sorted(reports, key=lambda one: (one.sequence, one.at))}
    for replica, report in sorted(last.items()):
        yield ReplicaDocument(replica=replica, sequence=report.sequence, at=report.at)


def _last(request: Request, *events: Event) -> Change | None:
    found = (one for one in request.history if one.event in events)
    return max(found, key=lambda one: one.sequence, default=None)


def _figures(note: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if note is None else dict(note)
