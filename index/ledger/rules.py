"""What the ledger refuses: moves that its table does not have, without the consent it asks for, and too much.

Rules: what is checked is the ledger as it is within the transaction that writes. Who agrees to a move is
neither who asked for the request nor who makes the move.
"""

from datetime import datetime

from index.ledger.act import Add, Approve, Attach, Move, Note, Shred
from index.ledger.error import Refused
from index.ledger.event import MOVES, OPEN, Event, Part
from index.ledger.fold import DAY, Fold
from index.ledger.request import Request

# A replica that makes up kinds must not fill the memory of all others.
NOTES = 256
APPROVALS = 64


def check_add(add: Add, texts: int, fold: Fold, now: datetime) -> None:
    if add.request in fold.requests:
        raise Refused(f"{add.request}: expected an id that no request has had, found one; choose another")
    end = add.entry.end
    if end is not None and end <= now:
        raise Refused(f"{add.request}: expected an `until` in the future, found {end.isoformat()}")
    _check_quota(add, texts, fold, now)


def _check_quota(add: Add, texts: int, fold: Fold, now: datetime) -> None:
    most = fold.settings.most_open
    if most is not None:
        # Looked through only where it matters.
        held = sum(one.requester == add.actor and one.at(now).open for one in fold.requests.values())
        if held >= most:
            raise Refused(
                f"{add.request}: expected at most {most} open requests of {add.actor}, found {held}; "
                "expire or restore one, or have `most_open` raised"
            )
    most = fold.settings.texts_a_day
    if most is not None:
        today = sum(count for _, count in fold.texts_since(add.actor, now - DAY))
        if today + texts > most:
            raise Refused(
                f"{add.request}: expected at most {most} texts of {add.actor} within a day, found {today} "
                f"and {texts} more; wait, or have `texts_a_day` raised"
            )


def request_of(act: Attach | Move | Approve | Note | Shred, fold: Fold, now: datetime) -> Request:
    found = fold.requests.get(act.request)
    if found is None:
        raise Refused(f"{act.request}: expected a request of this ledger, found none; add it first")
    return found.at(now)


def check_open(request: Request) -> None:
    if not request.open:
        raise Refused(
            f"{request.id}: expected an open request, found one that is {request.state}; "
            "what ended stays as it is: add it anew under another id"
        )


def check_note(note: Note, request: Request) -> None:
    if note.kind not in request.notes and len(request.notes) >= NOTES:
        raise Refused(f"{request.id}: expected at most {NOTES} kinds of notes, found another")


def check_approve(approve: Approve, request: Request) -> None:
    check_open(request)
    if approve.actor == request.requester:
        raise Refused(f"{request.id}: expected the consent of another than {approve.actor}, who asked for it")
    if len(request.approvals) >= APPROVALS:
        raise Refused(f"{request.id}: expected at most {APPROVALS} approvals, found another")


def check_move(move: Move, request: Request, fold: Fold) -> None:
    step = MOVES[move.event]
    # `expire` says of what has run out that it has: then it is as its time left it.
    if move.event is not Event.EXPIRE or fold.requests[request.id].state not in OPEN:
        check_open(request)
    if request.open and request.state not in step.before:
        allowed = " or ".join(sorted(step.before))
        raise Refused(f"{request.id}: expected a request that is {allowed}, found {request.state}")
    if step.needs_segment and Part.EXACT not in request.segments:
        raise Refused(
            f"{request.id}: expected the exact part of its segment before `{move.event}`, found none; "
            "compile and attach it first"
        )
    if move.event in fold.settings.approve:
        _check_consent(move, request)


def _check_consent(move: Move, request: Request) -> None:
    own = {request.requester, move.actor}
    agreed = (one.share for one in request.approvals if one.event is move.event and one.actor not in own)
    most = max(agreed, default=0.0)
    if most >= move.share:
        return
    found = f"to a share of {most:g}" if most else "of nobody"
    raise Refused(
        f"{request.id}: expected the consent to `{move.event}` of somebody who is neither "
        f"{' nor '.join(sorted(own))}, found that {found}; ask one to approve it"
    )
