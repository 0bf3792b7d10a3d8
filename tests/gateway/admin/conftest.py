"""An office for each test, and its desk: at hand, or asked over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.admin.desk import Desk
from tests.gateway.admin.office import Office, office


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Office]:
    made = office(tmp_path)
    with made.stack:
        yield made


@pytest.fixture(params=["at hand", "over HTTP"])
def desk(request: pytest.FixtureRequest, at: Office) -> Iterator[Desk]:
    """Anna's."""
    if request.param == "at hand":
        yield at.desk("anna")
        return
    with at.served() as asking:
        yield asking.desk("anna")
