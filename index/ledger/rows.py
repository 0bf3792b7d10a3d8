"""The rows of a ledger within one transaction: records, and what stands beside them.

Rule: a database may hold anything where a value should be. What is no value of its column is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from index.ledger.error import Tampered
from index.ledger.event import Part
from index.ledger.report import Report
from index.ledger.tables import CHANNEL, RECORDS, REPORTS, SEGMENTS, SOURCES

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows, within one transaction. `place`: what to call the ledger in messages."""

    line: Connection
    place: str

    def lines(self, first: int, most: int = PAGE) -> list[tuple[int, bytes]]:
        """Records by their numbers, from this one on."""
        wanted = select(RECORDS.c.sequence, RECORDS.c.line).where(RECORDS.c.sequence >= first)
        found = self.line.execute(wanted.order_by(RECORDS.c.sequence).limit(most))
        return [(sequence, self._bytes(line)) for sequence, line in found]

    def last(self) -> int:
        """The number of the last record; -1 where there is none."""
        found: int | None = self.line.execute(select(func.max(RECORDS.c.sequence))).scalar()
        return -1 if found is None else found

    def append(self, sequence: int, line: bytes) -> None:
        self.line.execute(insert(RECORDS), {"sequence": sequence, "line": line})

    def tell(self) -> None:
        """Who waits hears of it, when the transaction has ended. A hint: nothing hangs on it."""
        if self.line.dialect.name == "postgresql":
            self.line.exec_driver_sql(f"NOTIFY {CHANNEL}")

    def put_source(self, request: str, sealed: bytes) -> None:
        self.line.execute(insert(SOURCES), {"request": request, "sealed": sealed})

    def source(self, request: str) -> bytes | None:
        found = self.line.execute(select(SOURCES.c.sealed).where(SOURCES.c.request == request)).scalar()
        return None if found is None else self._bytes(found)

    def put_segment(self, request: str, part: Part, sha256: str, data: bytes) -> None:
        columns = SEGMENTS.c
        self.line.execute(delete(SEGMENTS).where(columns.request == request, columns.part == str(part)))
        row = {"request": request, "part": str(part), "sha256": sha256, "data": data}
        self.line.execute(insert(SEGMENTS), row)

    def sources(self) -> set[str]:
        """Of which requests texts are kept."""
        return set(self.line.execute(select(SOURCES.c.request)).scalars())

    def segments(self) -> set[tuple[str, str, str]]:
        """Of which requests which parts, and what their bytes should be."""
        columns = SEGMENTS.c
        return {
            tuple(row) for row in self.line.execute(select(columns.request, columns.part, columns.sha256))
        }

    def fault(self) -> str | None:
        """What the database finds wrong with its own file."""
        if self.line.dialect.name != "sqlite":
            return None
        said = self.line.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        return None if said == "ok" else str(said)

    def segment(self, sha256: str) -> bytes | None:
        found = self.line.execute(select(SEGMENTS.c.data).where(SEGMENTS.c.sha256 == sha256).limit(1))
        data = found.scalar()
        return None if data is None else self._bytes(data)

    def drop(self, request: str, segments: bool) -> None:
        self.line.execute(delete(SOURCES).where(SOURCES.c.request == request))
        if segments:
            self.line.execute(delete(SEGMENTS).where(SEGMENTS.c.request == request))

    def put_report(self, report: Report, seal: bytes) -> None:
        row = {name: getattr(report, name) for name in ("replica", "sequence", "generation")}
        row |= {"part": str(report.part), "at": report.at.isoformat(), "seal": seal}
        new = postgresql.insert if self.line.dialect.name == "postgresql" else sqlite.insert
        self.line.execute(new(REPORTS).on_conflict_do_nothing(), row)

    def reports(self, replica: str | None) -> list[tuple[Report, bytes]]:
        columns = REPORTS.c
        wanted = select(REPORTS).order_by(columns.sequence, columns.replica, columns.part)
        if replica is not None:
            wanted = wanted.where(columns.replica == replica)
        return [self._report(one) for one in self.line.execute(wanted)]

    def _bytes(self, value: object) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise Tampered(f"{self.place}: expected bytes in a column of bytes, found something else")
        return bytes(value)

    def _report(self, row: Row[Any]) -> tuple[Report, bytes]:
        try:
            at = datetime.fromisoformat(row.at)
            report = Report(row.replica, row.sequence, Part(row.part), row.generation, at)
        except (ValueError, TypeError):
            raise Tampered(f"{self.place}: expected a report, found something else") from None
        return report, self._bytes(row.seal)
