"""Vectors in PostgreSQL with pgvector: the VectorStore for many gateways that keep none in memory.

Rules: a set of vectors is written once, in one transaction, under the digest of the file that it comes
from, and is then only read; so replicas share it, and one that begins with the same snapshot copies
nothing. Who reads a set holds a lock on it, and what nobody has held for an hour is dropped when the next
one is written.
"""

from collections.abc import Callable, Iterator
from io import RawIOBase
from typing import Any, TypeVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from index.database import postgres_engine
from index.encoder import Rows
from index.vector_store import VectorStore

# Up to so many every row is compared.
MOST_EXACT = 50_000
# How widely the graph is searched; it finds what comparing every row finds, where that is near.
EF_SEARCH = 200
BLOCK = 4096
# Longest silence while a set is copied and its graph is made.
COPY_S = 6 * 3600.0
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
SETS = """
CREATE TABLE IF NOT EXISTS unsay_vector_sets (
    name text PRIMARY KEY, number bigserial, size bigint NOT NULL, dimension int NOT NULL,
    used timestamptz NOT NULL DEFAULT now()
)"""

T = TypeVar("T")


class PostgresVectors:
    """Read by one thread at a time. A connection that was lost is made again, once a question."""

    is_exact = False

    def __init__(self, url: str, name: str, wait_s: float = 10.0) -> None:
        """Raises KeyError where there is no such set."""
        self._engine, self._name = postgres_engine(url, wait_s, *_settings()), name
        self._lines: list[Connection] = []
        # A judge that nobody asks any more leaves no connection behind.
        self.close = finalize(self, _close, self._engine, self._lines)
        try:
            self._number, self._size, self.dimension = self._run(self._found)
        except BaseException:
            self.close()
            raise

    @classmethod
    def of(cls, url: str, name: str, rows: VectorStore, wait_s: float = 10.0) -> "PostgresVectors":
        """With the rows of another store, where they are not there yet."""
        engine = postgres_engine(url, COPY_S, "SET statement_timeout = 0")
        try:
            with engine.begin() as line:
                _write(line, name, rows)
        finally:
            engine.dispose()
        return cls(url, name, wait_s)

    def __len__(self) -> int:
        return self._size

    def search(
        self, queries: Rows, most: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, NDArray[np.int64]]:
        most = min(most, len(self) if among is None else int(among.sum()))
        similarities = np.full((len(queries), most), -np.inf, np.float32)
        places = np.full((len(queries), most), -1, np.int64)
        if most:
            among_said = None if among is None else _ranges(among)
            for number, query in enumerate(queries):
                for rank, (place, similarity) in enumerate(self._nearest(query, most, among_said)):
                    places[number, rank], similarities[number, rank] = place, similarity
        return similarities, places

    def rows(self, start: int, stop: int) -> Rows:
        if stop <= start:
            return np.zeros((0, self.dimension), np.float32)
        asked = text(
            f"SELECT string_agg(halfvec_send(row), ''::bytea ORDER BY place) FROM {self._table} "
            "WHERE place >= :start AND place < :stop"
        )
        said = self._run(lambda line: line.execute(asked, {"start": start, "stop": stop}).scalar_one())
        # Before each row stand its dimension and two bytes that mean nothing.
        found = np.frombuffer(said, ">f2").reshape(-1, self.dimension + 2)
        return np.ascontiguousarray(found[:, 2:], np.float32)

    @property
    def _table(self) -> str:
        return _table(self._number)

    def _nearest(self, query: Rows, most: int, among: str | None) -> list[tuple[int, float]]:
        where = "" if among is None else "WHERE place <@ CAST(:among AS int4multirange)"
        asked = text(
            f"SELECT place, -(row <#> CAST(:query AS halfvec)) FROM {self._table} {where} "
            "ORDER BY row <#> CAST(:query AS halfvec) LIMIT :most"
        )
        values: dict[str, Any] = {"query": _said(query), "most": most}
        values |= {} if among is None else {"among": among}
        return [(place, score) for place, score in self._run(lambda line: line.execute(asked, values).all())]

    def _found(self, line: Connection) -> tuple[int, int, int]:
        asked = text(
            "UPDATE unsay_vector_sets SET used = now() WHERE name = :name RETURNING number, size, dimension"
        )
        row = line.execute(asked, {"name": self._name}).one_or_none()
        if row is None:
            raise KeyError(self._name)
        line.execute(text("SELECT pg_advisory_lock_shared(hashtextextended(:name, 0))"), {"name": self._name})
        return int(row[0]), int(row[1]), int(row[2])

    def _run(self, ask: Callable[[Connection], T]) -> T:
        """Reading changes nothing, so a question whose connection was lost is asked again."""
        try:
            return self._once(ask)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            _leave(self._lines)
            return self._once(ask)

    def _once(self, ask: Callable[[Connection], T]) -> T:
        if not self._lines:
            self._lines.append(self._engine.connect())
            if ask != self._found:
                self._found(self._lines[0])
        found = ask(self._lines[0])
        # The lock is the session's, and stays.
        self._lines[0].commit()
        return found


def _leave(lines: list[Connection]) -> None:
    while lines:
        lines.pop().close()


def _close(engine: Engine, lines: list[Connection]) -> None:
    _leave(lines)
    engine.dispose()


def _settings() -> list[str]:
    return [f"SET hnsw.ef_search = {EF_SEARCH}", "SET hnsw.iterative_scan = strict_order"]


def _table(number: int) -> str:
    return f"unsay_vectors_{number}"


def _write(line: Connection, name: str, rows: VectorStore) -> None:
    # One writer at a time: two replicas may begin with one snapshot.
    line.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('unsay vector sets', 0))"))
    line.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    line.execute(text(SETS))
    made = text(
        "INSERT INTO unsay_vector_sets (name, size, dimension) VALUES (:name, :size, :dimension) "
        "ON CONFLICT DO NOTHING RETURNING number"
    )
    values = {"name": name, "size": len(rows), "dimension": rows.dimension}
    number = line.execute(made, values).scalar_one_or_none()
    if number is None:
        return
    _sweep(line, name)
    table = _table(number)
    line.execute(
        text(f"CREATE TABLE {table} (place int PRIMARY KEY, row halfvec({rows.dimension}) NOT NULL)")
    )
    stream = _Stream(_copied(rows))
    raw = line.connection.driver_connection
    assert raw is not None
    raw.cursor().execute(f"COPY {table} (place, row) FROM STDIN WITH (FORMAT binary)", stream=stream)
    if len(rows) > MOST_EXACT:
        line.execute(text(f"CREATE INDEX ON {table} USING hnsw (row halfvec_ip_ops)"))
    line.execute(text(f"ANALYZE {table}"))


def _sweep(line: Connection, written: str) -> None:
    """Sets that nobody holds."""
    old = text(
        "SELECT name, number FROM unsay_vector_sets WHERE used < now() - interval '1 hour' AND name <> :name"
    )
    for name, number in line.execute(old, {"name": written}).all():
        taken = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
        if line.execute(taken, {"name": name}).scalar_one():
            line.execute(text(f"DROP TABLE IF EXISTS {_table(number)}"))
            line.execute(text("DELETE FROM unsay_vector_sets WHERE name = :name"), {"name": name})


def _copied(rows: VectorStore) -> Iterator[bytes]:
    """PostgreSQL's binary format: of each row its two fields with their lengths, in network order."""
    yield HEAD
    kind = np.dtype(
        {
            "names": ("fields", "four", "place", "size", "dimension", "unused", "row"),
            "formats": (">i2", ">i4", ">i4", ">i4", ">i2", ">i2", (">f2", rows.dimension)),
        }
    )
    for first in range(0, len(rows), BLOCK):
        block = rows.rows(first, min(len(rows), first + BLOCK))
        records = np.zeros(len(block), kind)
        records["fields"], records["four"], records["size"] = 2, 4, 4 + 2 * rows.dimension
        records["place"], records["dimension"] = np.arange(first, first + len(block)), rows.dimension
        records["row"] = block
        yield records.tobytes()
    yield b"\xff\xff"


class _Stream(RawIOBase):
    """Bytes as they are made, for who reads a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _said(query: Rows) -> str:
    return "[" + ",".join(f"{value:.7g}" for value in query.tolist()) + "]"


def _ranges(among: NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], among, [False]]).astype(np.int8)))
    return "{" + ",".join(f"[{start},{stop})" for start, stop in edges.reshape(-1, 2).tolist()) + "}"
