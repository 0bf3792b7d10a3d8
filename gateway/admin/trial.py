"""Sample traffic put to a request, or to an entry that nobody has added: no ledger is needed for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.admin.compiler import Compiler
from gateway.admin.documents import PreviewDocument, RowsDocument, TryDocument
from gateway.admin.preview import Counts, count
from gateway.admin.rows import row_of
from index.ledger.event import Part
from policy.entry_file import entry_of

# How an entry is called where it is told what is wrong with it.
ENTRY: Final = "entry"


def nobody(_: int) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True, slots=True)
class Trial:
    """`most_s`: the longest it may take. `told`: how many rows are done."""

    compiler: Compiler
    most_s: float | None = None
    told: Callable[[int], None] = nobody

    def of_entry(self, asked: TryDocument) -> PreviewDocument:
        entry = entry_of(asked.entry, ENTRY, None)
        parts, semantic = {Part.EXACT: self.compiler.exact(entry)}, self.compiler.semantic(entry)
        if semantic is not None:
            parts[Part.SEMANTIC] = semantic.data
        counts = self.counted(entry.id, parts, asked)
        return PreviewDocument.of(counts, "off" if semantic is None else "compiled")

    def counted(self, request: str, parts: Mapping[Part, bytes], asked: RowsDocument) -> Counts:
        rows = (row_of(value, number) for number, value in enumerate(asked.rows, 1))
        with self.compiler.tried(request, parts, asked.model) as rehearsal:
            return count(rehearsal, rows, self.most_s, self.told)
