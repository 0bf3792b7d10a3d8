"""Whether a ledger is what was written: every record, its signature, and all that stands beside them.

Rules: nothing is trusted but the keys and digests that are given from elsewhere. A ledger is a file of
SQLite, a PostgreSQL, or an export: its records, one a line. What is wrong is told with its place.
"""

from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from index.chain import LINE_BYTES
from index.database import address_of
from index.ledger.catching_up import next_record
from index.ledger.error import LedgerError, Tampered
from index.ledger.event import Kept
from index.ledger.fold import Fold
from index.ledger.rows import Rows
from index.ledger.sealed import fingerprint
from index.ledger.signatures import check_announced, check_signed
from index.ledger.store import Store
from policy.signing_key import PublicKey

_SQLITE: Final = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class VerifiedLedger:
    """`head` is the digest of the last record: keep it elsewhere, and a ledger cut short later will show."""

    place: str
    records: int
    requests: int
    head: str
    signer: str
    problem: str | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None

    def __str__(self) -> str:
        said = (
            f"{self.place}: {self.records} records of {self.requests} requests follow from one another, "
            f"signed by {self.signer}; head {self.head}"
        )
        return said if self.problem is None else f"{self.problem} (before it: {said})"


def verify(
    address: Path | str, trusted: Collection[PublicKey] = (), heads: Collection[str] = ()
) -> VerifiedLedger:
    """`heads`: digests of records that were seen before, and must still be there."""
    walk = _Walk(str(address) if isinstance(address_of(address), Path) else "the ledger", trusted, set(heads))
    try:
        walk.through(address_of(address))
    except LedgerError as error:
        return walk.result(str(error))
    return walk.result()


@dataclass(slots=True)
class _Walk:
    place: str
    trusted: Collection[PublicKey]
    wanted: set[str]
    fold: Fold = field(default_factory=Fold)

    def result(self, problem: str | None = None) -> VerifiedLedger:
        signer, head = self.fold.key, self.fold.head
        requests = len(self.fold.requests)
        return VerifiedLedger(
            self.place, head.sequence, requests, head.previous, signer.id if signer else "nobody", problem
        )

    def through(self, address: Path | str) -> None:
        if isinstance(address, Path) and not _is_sqlite(address):
            self._records(enumerate(_lines(address)))
            return
        store = Store(address)
        try:
            with store.reading() as rows:
                self._database(rows)
        finally:
            store.close()

    def _database(self, rows: Rows) -> None:
        if (fault := rows.fault()) is not None:
            raise Tampered(f"{self.place}: the file is damaged: {fault}")
        self._records(_pages(rows))
        self._beside(rows)

    def _records(self, lines: Iterator[tuple[int, bytes]]) -> None:
        record = None
        for sequence, line in lines:
            record = next_record(sequence, line, self.fold.head, self.place)
            check_announced(record, self.fold, self.place)
            self.fold.take(record, self.place)
            self.wanted.discard(record.digest)
        if record is None:
            raise Tampered(f"{self.place}: expected records, found none")
        check_signed(record, self.fold, self.trusted, self.place)
        if self.wanted:
            raise Tampered(
                f"{self.place}: expected a record with the digest {min(self.wanted)}, found none; "
                "records were taken out or changed"
            )

    def _beside(self, rows: Rows) -> None:
        requests = self.fold.requests.values()
        segments = {(one.id, str(part), digest) for one in requests for part, digest in one.segments.items()}
        sources = {one.id for one in requests if one.source is Kept.ENCRYPTED}
        _same(f"{self.place}: segment", segments, rows.segments())
        _same(f"{self.place}: kept texts", {(one,) for one in sources}, {(one,) for one in rows.sources()})
        for request, part, digest in sorted(segments):
            if fingerprint(rows.segment(digest) or b"") != digest:
                raise Tampered(f"{self.place}: segment {request} {part}: its bytes are not what was written")
        for one in requests:
            if one.id in sources and fingerprint(rows.source(one.id) or b"") != one.sealed:
                raise Tampered(f"{self.place}: kept texts {one.id}: their bytes are not what was written")


def _same(what: str, expected: Set[tuple[str, ...]], found: Set[tuple[str, ...]]) -> None:
    for one in sorted(expected - found):
        raise Tampered(f"{what} {' '.join(one)}: expected it, found none, and no record that takes it out")
    for one in sorted(found - expected, key=str):
        raise Tampered(f"{what} {one[0]!s:.200}: expected none, found one that no record tells of")


def _is_sqlite(file: Path) -> bool:
    if file.exists() and not file.is_file():
        # A device never ends, and a pipe waits for somebody to write.
        raise Tampered(f"{file}: expected a file, found something else")
    try:
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise Tampered(f"{file}: expected a ledger, found none: {error.strerror}") from None


def _pages(rows: Rows) -> Iterator[tuple[int, bytes]]:
    first = 0
    while page := rows.lines(first):
        yield from page
        first = page[-1][0] + 1


def _lines(file: Path) -> Iterator[bytes]:
    """Without their ends; a last one that has none is cut off, for there it is no record."""
    with file.open("rb") as opened:
        number = 0
        while line := opened.readline(LINE_BYTES):
            if not line.endswith(b"\n"):
                raise Tampered(f"{file}: record {number}: its line has no end; the file was cut short")
            number += 1
            yield line[:-1]


def export(address: Path | str, file: Path) -> int:
    """Write the records of a ledger, one a line, to be checked elsewhere; says how many."""
    store, count = Store(address), 0
    try:
        with store.reading() as rows, file.open("xb") as opened:
            for _, line in _pages(rows):
                opened.write(line + b"\n")
                count += 1
    finally:
        store.close()
    return count
