"""How SQLite and PostgreSQL are reached, for all that keeps something in one of them.

Rules: a file is its owner's alone. Nothing is waited for longer than was said, whatever the database does.
A fault's message says which kind it is, and nothing that stands in the database.
"""

import os
import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from index.postgres import connect

POSTGRES: Final = ("postgresql://", "postgres://")
# What a database can raise. The last: where SQLite quotes a damaged file, in which there is no text.
FAULTS: Final = (SQLAlchemyError, OSError, UnicodeDecodeError)
# What `sqlite3` raises when the file itself is at fault.
_BROKEN: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def address_of(said: str | Path) -> Path | str:
    """A PostgreSQL URL as it is; all else is a file."""
    if isinstance(said, str) and said.startswith(POSTGRES):
        return said
    return Path(said.removeprefix("sqlite:///")) if isinstance(said, str) else said


def sqlite_engine(file: Path, wait_s: float, *settings: str) -> Engine:
    """`settings`: pragmas of every connection. A transaction begins as its `begin` option says."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": wait_s})
    event.listen(engine, "do_connect", partial(_create, file))
    event.listen(engine, "connect", partial(_set_up, settings))
    event.listen(engine, "begin", _begin)
    return engine


def postgres_engine(url: str, wait_s: float, *settings: str) -> Engine:
    """`settings`: statements that every connection begins with."""
    # An idle connection may be dead: that is found out first, and then a new one is made.
    each = wait_s / 3
    statements = (f"SET statement_timeout = {round(900 * each)}", *settings)
    engine = create_engine(
        "postgresql+pg8000://",
        creator=partial(connect, url, each),
        pool_timeout=each,
        pool_pre_ping=True,
    )
    event.listen(engine, "connect", partial(_say, statements))
    event.listen(engine, "handle_error", _give_up)
    return engine


def kind_of(error: BaseException) -> str:
    """What kind of fault; its message may hold what was written."""
    cause = getattr(error, "orig", None) or error
    code = _code(cause)
    return f"{type(cause).__name__} {code}" if code else type(cause).__name__


def is_broken_file(error: BaseException) -> bool:
    if isinstance(error, UnicodeDecodeError):
        return True
    cause = getattr(error, "orig", None)
    return isinstance(cause, sqlite3.Error) and (_code(cause) or "").startswith(_BROKEN)


def _code(cause: BaseException) -> str:
    """The database's own name of the fault."""
    name = getattr(cause, "sqlite_errorname", "")
    if name:
        return str(name)
    said = cause.args[0] if cause.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else ""


def _give_up(context: ExceptionContext) -> None:
    """The driver lets a time-out through as it is: half an answer may be left, and none of it is read."""
    if isinstance(context.original_exception, OSError):
        context.is_disconnect = True


def _create(file: Path, *_: object) -> None:
    """SQLite would make a file that others may read. What is wrong with the place it says itself."""
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _set_up(settings: tuple[str, ...], line: Any, _: object) -> None:
    # The driver would begin transactions by itself, and only at the first change.
    line.isolation_level = None
    for setting in settings:
        line.execute(f"PRAGMA {setting}")


def _begin(line: Any) -> None:
    line.exec_driver_sql(line.get_execution_options().get("begin", "BEGIN"))


def _say(statements: tuple[str, ...], line: Any, _: object) -> None:
    cursor = line.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    line.commit()
