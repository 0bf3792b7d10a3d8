"""The desk that has the ledger at hand: each act is checked, compiled and committed whole, or nothing is.

Rule: a request is in the ledger together with the exact part of its segment, or not at all. The semantic part
follows; until it has, the request says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.admin.compiler import Compiler, Meaning
from gateway.admin.documents import (
    AddDocument,
    CompileDocument,
    LedgerDocument,
    ListDocument,
    MoveDocument,
    PreviewDocument,
    ReceiptDocument,
    RequestDocument,
    RowsDocument,
    TryDocument,
)
from gateway.admin.preview import Counts
from gateway.admin.receipt import Figures, statement
from gateway.admin.showing import PREVIEW, Showing, newest
from gateway.admin.trial import ENTRY, Trial, nobody
from gateway.admin.trouble import NotFound, Unfinished
from index.key import commitment
from index.ledger.act import Act, Add, Approve, Attach, Move, Note, Shred
from index.ledger.event import Event, Part, State
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from index.ledger.request import Request
from policy.digest import entry_digest
from policy.entry import Entry
from policy.entry_file import entry_of
from policy.signed import signed
from policy.yaml_tree import Json

KIND = "forget receipt"
# The kind of the note that says how long a semantic part took.
SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class LedgerDesk:
    """`actor`: who asks. `compiler`: that of the policy as it is now; None where nothing is compiled.

    `calibration`: the figures of the snapshot that serves, for receipts. `preview_s`: the longest a preview
    may take.
    """

    opened: Ledger
    keys: Keys
    actor: str
    compiler: Callable[[], Compiler] | None = None
    calibration: Callable[[], Figures | None] = lambda: None
    preview_s: float | None = None
    told: Callable[[int], None] = nobody

    def add(self, asked: AddDocument, token: str) -> RequestDocument:
        entry = entry_of(asked.entry, ENTRY, None)
        if any(one.id == entry.id for one in self._compiler.policy.entries):
            raise Unfinished(f"{entry.id}: expected an id that no entry of the policy has; choose another")
        acts: list[Act] = [
            Add(entry, self.actor, asked.why, asked.source, asked.reference, token),
            Attach(entry.id, self.actor, Part.EXACT, self._compiler.exact(entry)),
        ]
        if asked.then is not None:
            acts.append(Move(entry.id, self.actor, asked.then, asked.why, asked.share))
        self.opened.commit(*acts)
        return self._finished(entry)

    def list(self, state: State | None, after: str, most: int) -> ListDocument:
        found = list(self.opened.requests())
        if after:
            place = next((place for place, one in enumerate(found) if one.id == after), None)
            if place is None:
                raise NotFound(f"{after}: expected a request of this ledger, found none")
            found = found[place + 1 :]
        wanted = [one for one in found if state in (None, one.state)]
        showing = self._showing()
        return ListDocument(requests=tuple(map(showing.document, wanted[:most])), more=len(wanted) > most)

    def show(self, request: str) -> RequestDocument:
        return self._showing().document(self._found(request))

    def move(self, request: str, asked: MoveDocument) -> RequestDocument:
        self._found(request)
        if asked.event is Event.SHRED:
            self.opened.commit(Shred(request, self.actor, asked.why))
        else:
            self.opened.commit(Move(request, self.actor, asked.event, asked.why, asked.share))
        return self.show(request)

    def approve(self, request: str, asked: MoveDocument) -> RequestDocument:
        self._found(request)
        self.opened.commit(Approve(request, self.actor, asked.event, asked.why, asked.share))
        return self.show(request)

    def compile(self, request: str, asked: CompileDocument) -> RequestDocument:
        entry = self._texts(self._found(request), asked.entry)
        self.opened.commit(Attach(request, self.actor, Part.EXACT, self._compiler.exact(entry)))
        return self._finished(entry, anew=True)

    def preview(self, request: str, asked: RowsDocument) -> PreviewDocument:
        found = self._found(request)
        parts = {part: self.opened.segment(sha256) for part, sha256 in found.segments.items()}
        if Part.EXACT not in parts:
            raise Unfinished(f"{request}: expected a compiled request, found one that is pending")
        counts = Trial(self._compiler, self.preview_s, self.told).counted(request, parts, asked)
        semantic = self._showing().semantic(found)
        if found.open:
            self.opened.commit(Note(request, self.actor, PREVIEW, _figures(counts, semantic)))
        return PreviewDocument.of(counts, semantic)

    def try_out(self, asked: TryDocument) -> PreviewDocument:
        return Trial(self._compiler, self.preview_s, self.told).of_entry(asked)

    def receipt(self, request: str, asked: ReceiptDocument) -> bytes:
        said = self.stated(request, asked)
        if self.keys.signing is None:
            raise Unfinished("expected a signing key for receipts, found none: set UNSAY_LEDGER_KEY")
        return signed(KIND, said, self.keys.signing)

    def stated(self, request: str, asked: ReceiptDocument) -> dict[str, Json]:
        """What a receipt of now states, unsigned."""
        found, given = self.show(request), (self.calibration(), asked.evaluation)
        records = [one for one in self.opened.read() if one.request == request]
        return statement(found, records, self.ledger(), *given, datetime.now(UTC))

    def ledger(self) -> LedgerDocument:
        head, settings = self.opened.head(), self.opened.settings
        return LedgerDocument(
            records=head.sequence,
            head=head.previous,
            key=str(self.opened.key),
            approve=tuple(sorted(settings.approve)),
            most_open=settings.most_open,
            texts_a_day=settings.texts_a_day,
            replicas=tuple(newest(self.opened.reports())),
        )

    def prepare(self) -> None:
        """Load what the first request would wait for. Raises PolicyError where there is no good policy."""
        if (encoder := self._compiler.encoder) is not None:
            encoder.encode(["ready"])

    @property
    def _compiler(self) -> Compiler:
        if self.compiler is None:
            raise Unfinished("expected a policy to compile for, found none: give --policy or --config")
        return self.compiler()

    @property
    def meaning(self) -> bool | None:
        """Whether the policy looks for it; None where there is no policy at hand."""
        return None if self.compiler is None else self.compiler().encoder is not None

    def _showing(self) -> Showing:
        return Showing(self.opened.settings, self.opened.reports(), self.meaning)

    def _found(self, request: str) -> Request:
        found = next((one for one in self.opened.requests() if one.id == request), None)
        if found is None:
            raise NotFound(f"{request}: expected a request of this ledger, found none")
        return found

    def _texts(self, request: Request, given: Mapping[str, Any] | None) -> Entry:
        if given is None:
            return self.opened.source(request.id)
        entry = entry_of(dict(given), ENTRY, None)
        if commitment(self.keys.index, entry_digest(entry)) != request.commitment:
            raise Unfinished(f"{request.id}: expected the entry that was added, found another")
        return entry

    def _finished(self, entry: Entry, *, anew: bool = False) -> RequestDocument:
        """With its semantic part, where there is one to make; what cannot be made is remarked."""
        found, remark = self._found(entry.id), ""
        if found.open and (anew or Part.SEMANTIC not in found.segments):
            try:
                semantic = self._compiler.semantic(entry)
            except Unfinished as error:
                semantic, remark = None, f"the semantic part is pending: {error}"
            if semantic is not None:
                attach = Attach(entry.id, self.actor, Part.SEMANTIC, semantic.data)
                self.opened.commit(attach, Note(entry.id, self.actor, SEMANTIC, _timed(semantic)))
        return self._showing().document(self._found(entry.id), remark)


def _timed(semantic: Meaning) -> dict[str, int | float | bool | str]:
    return {
        "texts": semantic.texts,
        "encoder_s": round(semantic.encoder_s, 3),
        "total_s": round(semantic.total_s, 3),
    }


def _figures(counts: Counts, semantic: str) -> dict[str, int | float | bool | str]:
    return {
        "rows": counts.rows,
        "refused": counts.refused,
        "redacted": counts.redacted,
        "answers": counts.answers,
        "share": counts.share,
        "semantic": semantic,
    }
