"""Where the pieces of sessions are kept: one table, in SQLite or PostgreSQL, through one layer.

Rules, tried on every database against a dictionary by tests/gateway/memory/test_store.py:
1. What was written is read by whoever asks after the write has returned, in whichever process.
2. A piece is kept once for a session, until the latest time that was said of it.
3. A session has `MOST_PIECES` at most, and after a `prune` the sessions of one API key have `key_rows`, all
   together `MOST_ROWS`; the oldest go first, all of one time together. So no key pushes out what others said.
4. What stands there are keyed digests and counts: no text, no name of a user or of a key. A file is its
   owner's alone.
5. Nothing is waited for longer than `WAIT_S`, whatever the database does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    Engine,
    Executable,
    Index,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
    StaticPool,
    Table,
    bindparam,
    create_engine,
    delete,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from filters.pieces import Piece
from index.database import FAULTS, kind_of, postgres_engine, sqlite_engine

MOST_PIECES = 1024
KEY_ROWS = 100_000
MOST_ROWS = 1_000_000
# A database that does not answer is as good as none.
WAIT_S = 5
MEMORY = "sqlite://"


class StoreError(RuntimeError):
    """The database cannot be used; says which kind of fault, and nothing that stands in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one request said in its sessions, and until when it counts (seconds since 1970).

    `holder`: a digest of its API key; none where there are no keys.
    """

    sessions: tuple[bytes, ...]
    pieces: tuple[Piece, ...]
    until: float
    holder: bytes | None = None


class Store:
    """Any thread may read; one thread writes. Open it after a fork."""

    def __init__(
        self,
        address: "Path | str",
        key_rows: int = KEY_ROWS,
        most: int = MOST_PIECES,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._engine = _engine(address)
        self._key_rows, self._most, self._most_rows = key_rows, most, most_rows
        self._table, self._indexes = _table()
        self._crowded = _crowded(self._table, key_rows)
        # Made once: to make it takes as long as to ask it.
        self._wanted = _wanted(self._table)
        self._put = _put(self._table, self._engine.dialect.name)
        self._ready = False
        # What is in memory has one line for all threads.
        self._alone: AbstractContextManager[object] = Lock() if address == MEMORY else nullcontext()

    def prepare(self) -> None:
        """Make the table, if nobody has. Of several processes that begin together one makes it."""
        for last in (False, False, True):
            try:
                whole = self._engine.execution_options(begin="BEGIN IMMEDIATE")
                with self._alone, whole.begin() as line:
                    line.execute(CreateTable(self._table, if_not_exists=True))
                    for index in self._indexes:
                        line.execute(CreateIndex(index, if_not_exists=True))
                self._ready = True
                return
            except FAULTS as error:
                if last:
                    raise StoreError(kind_of(error)) from None

    def read(self, sessions: Sequence[bytes], owners: Collection[int], now: float) -> tuple[Piece, ...]:
        """What counts now of these sessions about these owners."""
        asked = {"sessions": sessions, "owners": sorted(owners), "now": now}
        with self._line() as line:
            return tuple(map(Piece._make, line.execute(self._wanted, asked)))

    def write(self, kept: Sequence[Kept]) -> None:
        rows = dict(_rows(kept))
        if not rows:
            return
        # In one order in all processes: two that write the same rows do not wait for each other.
        ordered = [rows[place] for place in sorted(rows)]
        with self._line("BEGIN IMMEDIATE") as line:
            line.execute(self._put, ordered if line.dialect.name == "sqlite" else _by_column(ordered))
            for session in sorted({session for session, _, _ in rows}):
                self._bound(line, self._table.c.session == session, self._most)

    def prune(self, now: float) -> None:
        """Forget what counts no more, and the oldest of too much: of one key first, then of all."""
        columns = self._table.c
        with self._line("BEGIN IMMEDIATE") as line:
            line.execute(delete(self._table).where(columns.until <= now))
            for holder in line.execute(self._crowded).scalars().all():
                self._bound(line, columns.holder == holder, self._key_rows)
            self._bound(line, true(), self._most_rows)

    def close(self) -> None:
        with suppress(SQLAlchemyError):
            self._engine.dispose()

    def _bound(self, line: Connection, own: ColumnElement[bool], most: int) -> None:
        """Of those that are so, only the newest stay."""
        until = self._table.c.until
        first = select(until).where(own).order_by(until.desc()).offset(most).limit(1)
        # Mostly there are few: then the inner question has no row, and nothing is older than that.
        line.execute(delete(self._table).where(own, until <= first.scalar_subquery()))

    @contextmanager
    def _line(self, begin: str = "BEGIN") -> Iterator[Connection]:
        """A transaction; where SQLite is to wait for who writes, it must know from the first."""
        if not self._ready:
            self.prepare()
        try:
            with self._alone, self._engine.execution_options(begin=begin).begin() as line:
                yield line
        except FAULTS as error:
            # Whatever befell it, the table may be gone with it.
            self._ready = False
            raise StoreError(kind_of(error)) from None


def _rows(kept: Sequence[Kept]) -> Iterator[tuple[tuple[bytes, int, int], dict[str, object]]]:
    """The later of two that are of one place wins, as it does in the table."""
    for one in sorted(kept, key=lambda one: one.until):
        for session in one.sessions:
            for piece in one.pieces:
                row = {"session": session, "holder": one.holder, "until": one.until, **piece._asdict()}
                yield (session, piece.owner, piece.piece), row


def _by_column(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _put(table: Table, dialect: str) -> Executable:
    """New rows, and of old ones the later time. PostgreSQL is given columns: one question for any number."""
    if dialect == "postgresql":
        columns = (func.unnest(bindparam(each.name, type_=ARRAY(each.type))) for each in table.c)
        new = postgresql.insert(table).from_select([each.name for each in table.c], select(*columns))
        return _later(new, new.excluded, table)
    row = sqlite.insert(table)
    return _later(row, row.excluded, table)


def _later(new: Any, said: Any, table: Table) -> Executable:
    """Both databases have it, each in a class of its own."""
    changed = {name: said[name] for name in ("until", "bits", "apart")}
    keys = ["session", "owner", "piece"]
    later: Executable = new.on_conflict_do_update(
        index_elements=keys, set_=changed, where=table.c.until < said.until
    )
    return later


def _table() -> tuple[Table, Sequence[Index]]:
    table = Table(
        "unsay_pieces_2",
        MetaData(),
        Column("session", LargeBinary(16), primary_key=True),
        Column("owner", BigInteger, primary_key=True, autoincrement=False),
        Column("piece", BigInteger, primary_key=True, autoincrement=False),
        Column("bits", SmallInteger, nullable=False),
        Column("apart", SmallInteger, nullable=False),
        Column("until", Double, nullable=False),
        Column("holder", LargeBinary(16)),
    )
    by_time = Index("unsay_pieces_2_until", table.c.until)
    return table, (by_time, Index("unsay_pieces_2_holder", table.c.holder, table.c.until))


def _crowded(table: Table, most: int) -> Select[tuple[bytes]]:
    """The keys whose sessions have more together."""
    holder = table.c.holder
    return select(holder).where(holder.is_not(None)).group_by(holder).having(func.count() > most)


def _wanted(table: Table) -> Select[tuple[int, int, int, int]]:
    """What is known of some sessions about some owners, once each."""
    columns = table.c
    found = select(columns.owner, columns.piece, columns.bits, columns.apart).where(
        columns.session.in_(bindparam("sessions", expanding=True)),
        columns.owner.in_(bindparam("owners", expanding=True)),
        columns.until > bindparam("now"),
    )
    return found.distinct()


def _engine(address: "Path | str") -> Engine:
    if address == MEMORY:
        # One line for all threads, or each would have a memory of its own.
        return create_engine(MEMORY, poolclass=StaticPool, connect_args={"check_same_thread": False})
    if isinstance(address, Path):
        # What a power failure loses is the evidence of its last moments.
        return sqlite_engine(address, WAIT_S, "journal_mode=WAL", "synchronous=OFF")
    return postgres_engine(address, WAIT_S)
