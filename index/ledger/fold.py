"""The records of a ledger, folded: its settings, its requests and where its chain stands.

Rules: it takes any record that is well made and comes next; whether it should have been written was decided
before (index/ledger/rules.py). The same records give the same fold, in whichever process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from index.chain import Head
from index.ledger.error import Tampered
from index.ledger.event import MOVES, Event, Kept, Part, State
from index.ledger.record import Record
from index.ledger.request import Approval, Change, Request
from index.ledger.settings import Settings
from policy.entry import Force, Reason
from policy.entry_json import time_of
from policy.signing_key import PublicKey

DAY = timedelta(days=1)


@dataclass(slots=True)
class Fold:
    """`key`: by which records are signed now; `founder`: by which the first was.

    `index_key`: the name of the key of the commitments.
    """

    head: Head = field(default_factory=Head)
    at: datetime | None = None
    settings: Settings = field(default_factory=Settings)
    key: PublicKey | None = None
    founder: PublicKey | None = None
    index_key: str = ""
    requests: dict[str, Request] = field(default_factory=dict)
    # Which record the token of an actor stood for.
    tokens: dict[tuple[str, str], int] = field(default_factory=dict)
    # Of each requester, when how many texts were added within the last day.
    added: dict[str, tuple[tuple[datetime, int], ...]] = field(default_factory=dict)

    def copy(self) -> "Fold":
        """One that can go its own way."""
        return replace(self, requests=dict(self.requests), tokens=dict(self.tokens), added=dict(self.added))

    def take(self, record: Record, where: str) -> None:
        """The next record, which follows from the last. Raises Tampered when it makes no sense."""
        if self.at is not None and record.at < self.at:
            raise Tampered(f"{where}: record {record.sequence} is earlier than the one before it")
        try:
            self._enter(record)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Tampered(f"{where}: record {record.sequence} has a body that makes no sense") from None
        self.head, self.at = record.head, record.at

    def _enter(self, record: Record) -> None:
        body = record.body
        match record.event:
            case Event.SETTINGS:
                self.settings, self.index_key = Settings.read(body), body["index_key"]
                self.key = PublicKey.parse(body["key"])
                self.founder = self.founder or self.key
            case Event.ADD:
                self._add(record)
            case _:
                before = self.requests[record.request]
                after = _changed(before, record, body)
                self.requests[record.request] = _told(after, record)

    def _add(self, record: Record) -> None:
        if record.request in self.requests:
            raise ValueError
        request = _request(record, record.body)
        self.requests[request.id] = _told(request, record)
        if token := record.body["token"]:
            self.tokens[record.actor, token] = record.sequence
        recent = self.texts_since(record.actor, record.at - DAY)
        self.added[record.actor] = (*recent, (record.at, request.texts))

    def texts_since(self, actor: str, start: datetime) -> tuple[tuple[datetime, int], ...]:
        return tuple(one for one in self.added.get(actor, ()) if one[0] > start)


def _request(record: Record, body: Mapping[str, Any]) -> Request:
    force = Force(tuple(body["models"]), time_of(body["from"]), time_of(body["until"]), tuple(body["keys"]))
    return Request(
        record.request,
        State.STAGED,
        record.at,
        record.actor,
        body["commitment"],
        Reason(body["reason"]),
        force,
        dict(body["counts"]),
        Kept(body["source"]),
        body["reference"],
        sealed=body.get("sealed", ""),
    )


def _changed(request: Request, record: Record, body: Mapping[str, Any]) -> Request:
    match record.event:
        case Event.ATTACH:
            return replace(request, segments={**request.segments, Part(body["part"]): body["sha256"]})
        case Event.APPROVE:
            approval = Approval(Event(body["event"]), record.actor, body["share"])
            return replace(request, approvals=(*request.approvals, approval))
        case Event.NOTE:
            return replace(request, notes={**request.notes, body["kind"]: body["figures"]})
        case Event.SHRED:
            segments = {} if body["segments"] else request.segments
            return replace(request, source=Kept.NONE, sealed="", segments=segments)
        case event:
            return _moved(request, event, record, body)


def _moved(request: Request, event: Event, record: Record, body: Mapping[str, Any]) -> Request:
    if request.state not in MOVES[event].before:
        raise ValueError
    # Consent was given to one move: what was agreed before it, to others, is past.
    kept = tuple(one for one in request.approvals if one.event is event)
    share = body["share"] if event is Event.ENFORCE else 1.0
    return replace(request, state=MOVES[event].after, since=record.at, share=share, approvals=kept)


def _told(request: Request, record: Record) -> Request:
    if record.event is Event.NOTE:
        return request
    change = Change(record.sequence, record.event, record.at, record.actor)
    return replace(request, history=(*request.history, change))
