"""How long hypothesis may take, for all tests: a slow machine is not a failure. And who runs beside whom."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("unsay", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unsay")


# Before the groups are read.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes share out whole files. The engines start once each: their tests stay together, and begin."""
    items.sort(key=lambda item: not _with_engines(item))
    for item in items:
        item.add_marker(pytest.mark.xdist_group("engines" if _with_engines(item) else item.path.as_posix()))


def _with_engines(item: pytest.Item) -> bool:
    return item.path.parent.name == "system"
