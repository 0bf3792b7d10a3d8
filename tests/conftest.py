"""How hypothesis draws its cases, for all tests; and the database that some of them share.

Rules: a slow machine is not a failure. `make test` draws the same cases every time: it speaks about the
change, not about its luck. `make check-long` draws others each time (`--hypothesis-profile random`).
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import postgres

settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("random"), derandomize=True, database=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Not in pytest's folder: where root runs the tests, the server runs as another user."""
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder) / "pg") as url:
        yield url
