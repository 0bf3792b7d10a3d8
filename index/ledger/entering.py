"""From an act to the body of its record, and to the rows beside the records.

Rule: a body is made of what is listed here, field by field, so that no text of an entry gets into one. Of the
texts it holds a commitment, which nobody can try guesses on without the index key, and how many they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.key import commitment, key_id
from index.ledger.act import Act, Add, Approve, Attach, Configure, Move, Note, Shred
from index.ledger.error import Unavailable
from index.ledger.event import Event, Kept
from index.ledger.fold import Fold
from index.ledger.keys import Keys
from index.ledger.record import Record
from index.ledger.rows import Rows
from index.ledger.rules import check_add, check_approve, check_move, check_note, check_open, request_of
from index.ledger.sealed import fingerprint, seal
from policy.digest import entry_digest
from policy.entry import Entry
from policy.entry_json import utc


@dataclass(frozen=True, slots=True)
class Entered:
    """What a record will say."""

    event: Event
    actor: str
    request: str
    body: Mapping[str, Any]


def enter(act: Act, fold: Fold, now: datetime, keys: Keys, rows: Rows) -> Entered:
    """Check the act against the ledger as it is, and write what stands beside its record."""
    match act:
        case Add():
            return _add(act, fold, now, keys, rows)
        case Configure():
            return Entered(Event.SETTINGS, act.actor, "", settings_body(act, keys))
        case Attach():
            check_open(request_of(act, fold, now))
            return _attach(act, rows)
        case Move():
            check_move(act, request_of(act, fold, now), fold)
            share = {"share": act.share} if act.event is Event.ENFORCE else {}
            return Entered(act.event, act.actor, act.request, {"why": act.why, **share})
        case Approve():
            check_approve(act, request_of(act, fold, now))
            body = {"event": act.event, "share": act.share, "why": act.why}
            return Entered(Event.APPROVE, act.actor, act.request, body)
        case Note():
            check_note(act, request_of(act, fold, now))
            body = {"kind": act.kind, "figures": dict(act.figures)}
            return Entered(Event.NOTE, act.actor, act.request, body)
        case Shred():
            return _shred(act, fold, now, rows)


def settings_body(act: Configure, keys: Keys) -> dict[str, Any]:
    if keys.signing is None:
        raise Unavailable("expected a signing key to write with, found none: set UNSAY_LEDGER_KEY")
    said = {"format": 1, "key": str(act.key or keys.signing.public), "index_key": key_id(keys.index)}
    return {**act.settings.json(), **said}


def _add(add: Add, fold: Fold, now: datetime, keys: Keys, rows: Rows) -> Entered:
    entry, counts = add.entry, _counts(add.entry)
    check_add(add, sum(counts.values()), fold, now)
    committed = commitment(keys.index, entry_digest(entry))
    body = {
        "commitment": committed,
        "reason": entry.reason,
        "models": entry.models,
        "keys": entry.keys,
        "from": utc(entry.start),
        "until": utc(entry.end),
        "counts": counts,
        "source": add.source,
        "reference": add.reference,
        "token": add.token,
        "why": add.why,
    }
    if add.source is Kept.ENCRYPTED:
        sealed = seal(entry, committed, keys.wrapping)
        rows.put_source(entry.id, sealed)
        body["sealed"] = fingerprint(sealed)
    return Entered(Event.ADD, add.actor, entry.id, body)


def _counts(entry: Entry) -> dict[str, int]:
    concept = entry.concept
    return {
        "names": len(entry.names),
        "passages": len(entry.passages),
        "questions": len(entry.questions),
        "secrets": len(entry.secrets),
        "concepts": 1 + len(concept.examples) if concept else 0,
        "retain": len(entry.retain),
    }


def _attach(attach: Attach, rows: Rows) -> Entered:
    sha256 = fingerprint(attach.data)
    rows.put_segment(attach.request, attach.part, sha256, attach.data)
    body = {"part": attach.part, "sha256": sha256, "bytes": len(attach.data)}
    return Entered(Event.ATTACH, attach.actor, attach.request, body)


def _shred(shred: Shred, fold: Fold, now: datetime, rows: Rows) -> Entered:
    ended = not request_of(shred, fold, now).open
    rows.drop(shred.request, segments=ended)
    return Entered(Event.SHRED, shred.actor, shred.request, {"why": shred.why, "segments": ended})


def same(act: Act, record: Record, keys: Keys) -> bool:
    """Whether the record is what this act left behind, as far as what it is about goes."""
    match act:
        case Add():
            event, said = Event.ADD, commitment(keys.index, entry_digest(act.entry))
            meant = record.body.get("commitment") == said
        case Attach():
            event, meant = Event.ATTACH, record.body.get("part") == act.part
        case Move():
            event, meant = act.event, True
        case Approve():
            event, meant = Event.APPROVE, record.body.get("event") == act.event
        case Note():
            event, meant = Event.NOTE, record.body.get("kind") == act.kind
        case Shred():
            event, meant = Event.SHRED, True
        case Configure():
            return record.event is Event.SETTINGS
    return meant and (record.event, record.request, record.actor) == (event, act.request, act.actor)
