"""Where forget requests are taken: by this process itself, or by one that is asked over HTTP.

Law, tried by tests/gateway/admin/test_desk.py over both: what one says of an act, and what the act leaves in
the ledger, is what the other says and leaves.
"""

from typing import Protocol

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
from index.ledger.event import State


class Desk(Protocol):
    def add(self, asked: AddDocument, token: str) -> RequestDocument:
        """Asked again with the same token, it tells what became of it and adds nothing."""
        ...

    def list(self, state: State | None, after: str, most: int) -> ListDocument: ...

    def show(self, request: str) -> RequestDocument: ...

    def move(self, request: str, asked: MoveDocument) -> RequestDocument: ...

    def approve(self, request: str, asked: MoveDocument) -> RequestDocument: ...

    def compile(self, request: str, asked: CompileDocument) -> RequestDocument: ...

    def preview(self, request: str, asked: RowsDocument) -> PreviewDocument: ...

    def try_out(self, asked: TryDocument) -> PreviewDocument:
        """The preview of an entry that nobody has added."""
        ...

    def receipt(self, request: str, asked: ReceiptDocument) -> bytes: ...

    def ledger(self) -> LedgerDocument: ...
