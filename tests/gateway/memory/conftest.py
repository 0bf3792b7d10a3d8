"""A PostgreSQL for the tests of sessions."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.memory.databases import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Not in pytest's folder: where root runs the tests, the server runs as another user."""
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder) / "pg") as url:
        yield url
