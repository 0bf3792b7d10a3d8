"""Where a ledger lies: its rows in SQLite or PostgreSQL, through one layer.

Rules: who writes holds the head: nobody else writes until the transaction ends. What a transaction wrote is
on the disk when it has ended, and none of it is when it has not. Nothing is waited for longer than `WAIT_S`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from index.database import FAULTS, address_of, is_broken_file, kind_of, postgres_engine, sqlite_engine
from index.ledger.error import Tampered, Unavailable
from index.ledger.rows import Rows
from index.ledger.tables import RECORDS, check_version, migrate, version_of

# A segment of many megabytes may be on its way.
WAIT_S: Final = 30.0


class Store:
    """Open it after a fork. Any thread may use it."""

    def __init__(self, address: Path | str, wait_s: float = WAIT_S) -> None:
        self.address = address_of(address)
        self._engine = _engine(self.address, wait_s)

    @property
    def place(self) -> str:
        """What to call it in messages: a file's name, and of a URL no part that may be secret."""
        return str(self.address) if isinstance(self.address, Path) else "the ledger's database"

    def prepare(self) -> None:
        """Make or bring up to date the tables."""
        with self._transaction("BEGIN IMMEDIATE") as line:
            migrate(line)

    def version(self) -> int:
        """Of its tables; 0 where there are none."""
        if isinstance(self.address, Path) and not self.address.exists():
            return 0
        with self._transaction("BEGIN") as line:
            found = version_of(line)
            check_version(found)
            return found

    def last(self) -> int:
        """The number of the last record; -1 where there is none."""
        with self.reading() as rows:
            return rows.last()

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """What others append meanwhile may be seen or not."""
        with self._transaction("BEGIN") as line:
            yield Rows(line, self.place)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Alone: others wait until it has ended, and then see all of it or none."""
        with self._transaction("BEGIN IMMEDIATE") as line:
            if line.dialect.name == "postgresql":
                line.exec_driver_sql(f"LOCK TABLE {RECORDS.name} IN EXCLUSIVE MODE")
            yield Rows(line, self.place)

    @contextmanager
    def changing(self) -> Iterator[Rows]:
        """What stands beside the records; who appends is not waited for, where the database can do so."""
        with self._transaction("BEGIN IMMEDIATE") as line:
            yield Rows(line, self.place)

    def close(self) -> None:
        with suppress(SQLAlchemyError):
            self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            with self._engine.connect() as line, line.execution_options(begin=begin).begin():
                yield line
        except OSError as error:
            raise Unavailable(f"{self.place} cannot be reached: {kind_of(error)}") from None
        except FAULTS as error:
            if is_broken_file(error):
                raise Tampered(f"{self.place}: the file is damaged: {kind_of(error)}") from None
            raise Unavailable(f"{self.place} cannot be used: {kind_of(error)}") from None


def _engine(address: Path | str, wait_s: float) -> Engine:
    if isinstance(address, Path):
        # FULL: what is acknowledged is on the disk.
        return sqlite_engine(
            address, wait_s, "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"
        )
    return postgres_engine(
        address, wait_s, "SET synchronous_commit = on", f"SET lock_timeout = {round(1000 * wait_s)}"
    )
