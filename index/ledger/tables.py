"""The tables of a ledger, and how they came to be: steps that are taken once, in order, and never changed.

Rules: a step adds tables or columns. No step changes a row: the chain of digests is over what was written.
Records cannot be changed or deleted by a statement that does not first take down the triggers.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
)

from index.ledger.error import LedgerError

META: Final = MetaData()
RECORDS: Final = Table(
    "unsay_ledger_records",
    META,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
)
SOURCES: Final = Table(
    "unsay_ledger_sources",
    META,
    Column("request", String(128), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
SEGMENTS: Final = Table(
    "unsay_ledger_segments",
    META,
    Column("request", String(128), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
)
REPORTS: Final = Table(
    "unsay_ledger_reports",
    META,
    Column("replica", String(128), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("part", String(16), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("at", String(40), nullable=False),
    Column("seal", LargeBinary, nullable=False),
)
SCHEMA: Final = Table("unsay_ledger_schema", META, Column("version", Integer, primary_key=True))
CHANNEL: Final = "unsay_ledger"

_SQLITE_ONLY_APPEND: Final = (
    "CREATE TRIGGER unsay_ledger_keep_{event} BEFORE {event} ON unsay_ledger_records "
    "BEGIN SELECT RAISE(ABORT, 'records are appended only'); END"
)
_POSTGRES_ONLY_APPEND: Final = (
    "CREATE FUNCTION unsay_ledger_keep() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'records are appended only'; END $$",
    "CREATE TRIGGER unsay_ledger_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON unsay_ledger_records "
    "FOR EACH STATEMENT EXECUTE FUNCTION unsay_ledger_keep()",
)


def _first(line: Connection) -> None:
    META.create_all(line, tables=[RECORDS, SOURCES, SEGMENTS])
    if line.dialect.name == "postgresql":
        for statement in _POSTGRES_ONLY_APPEND:
            line.exec_driver_sql(statement)
    else:
        for event in ("UPDATE", "DELETE"):
            line.exec_driver_sql(_SQLITE_ONLY_APPEND.format(event=event))


def _second(line: Connection) -> None:
    META.create_all(line, tables=[REPORTS])


STEPS: Final[Sequence[Callable[[Connection], None]]] = (_first, _second)


def version_of(line: Connection) -> int:
    """How many steps were taken; 0 where there is no ledger."""
    if not inspect(line).has_table(SCHEMA.name):
        return 0
    return max(line.execute(select(SCHEMA.c.version)).scalars(), default=0)


def migrate(line: Connection, steps: Sequence[Callable[[Connection], None]] = STEPS) -> None:
    """Take the steps that were not taken, within the transaction of the caller."""
    if line.dialect.name == "postgresql":
        # Of several that begin together one takes the steps, and the others find them taken.
        line.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('unsay_ledger'))")
    SCHEMA.create(line, checkfirst=True)
    taken = version_of(line)
    check_version(taken, steps)
    for number, step in enumerate(steps[taken:], taken + 1):
        step(line)
        line.execute(insert(SCHEMA), {"version": number})


def check_version(taken: int, steps: Sequence[Callable[[Connection], None]] = STEPS) -> None:
    if taken > len(steps):
        raise LedgerError(
            f"expected tables of version {len(steps)} at most, found {taken}: a newer Unsay made them; update"
        )
