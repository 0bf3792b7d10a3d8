"""One canned model server and one gateway for all tests that need nothing special."""

from collections.abc import Iterator

import pytest

from policy.action import Action
from tests.gateway.bad.ground import Ground, ground_in, hasty_ground_in
from tests.gateway.canned import MODELS, Canned
from tests.gateway.running import CRANE, Running, config_for, policy_of, protection_of, running


@pytest.fixture(scope="session")
def canned() -> Iterator[Canned]:
    with Canned() as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def _forgets_its_answers(canned: Canned) -> Iterator[None]:
    """What a module had it answer, no other module hears."""
    yield
    canned.models, canned.answers, canned.drops = MODELS, None, 0
    canned.asked.clear()


@pytest.fixture(scope="session")
def strict(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Alden Crane is forgotten: prompts refused, answers redacted."""
    folder = tmp_path_factory.mktemp("strict")
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def ending(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Alden Crane is forgotten: prompts let through, answers refused."""
    folder = tmp_path_factory.mktemp("ending")
    protection = protection_of(
        policy_of(CRANE, prompt=Action.ALLOW, answer=Action.REFUSE), folder / "snapshot"
    )
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def open_gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Nothing is forgotten: what leaks here shows that the tests can fail."""
    folder = tmp_path_factory.mktemp("open")
    with running(
        config_for(canned.base_url, folder / "audit.jsonl"), protection_of(policy_of(), folder / "snapshot")
    ) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def ground(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """For tests that treat the gateway badly; what it logs is heard by the module's tests alone."""
    with ground_in(tmp_path_factory.mktemp("ground"), canned) as found:
        yield found


@pytest.fixture(scope="module")
def hasty_ground(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """For clients and model servers that are too slow."""
    with hasty_ground_in(tmp_path_factory.mktemp("hasty-ground"), canned) as found:
        yield found
