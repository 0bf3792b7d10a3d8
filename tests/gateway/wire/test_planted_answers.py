"""A forgotten text in any string of any answer that the official clients know comes out of no API."""

import pytest

from gateway.protection import Protection
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.wire.client_schemas import ANSWERS, schema_of
from tests.gateway.wire.planting import planted
from tests.gateway.wire.telling import ASKED, FORGOTTEN, doors, every
from tests.laws import CASES

# All of them in the long check.
STEP = max(1, 10_000 // CASES)
# Where a stream says what a whole answer does.
BOTH = {"completions"}
ALL = [
    pytest.param(wire, streamed, model, id=f"{wire}-{start}-{number}-{'streamed' if streamed else 'whole'}")
    for number, (wire, start, model) in enumerate(ANSWERS)
    for streamed in {start == "event" or "Chunk" in repr(model)} | ({True, False} if wire in BOTH else set())
    if wire in ASKED and any(planted(schema_of(model), FORGOTTEN))
]


@pytest.fixture(scope="module")
def protections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Protection, Protection]:
    folder = tmp_path_factory.mktemp("planted")
    return protection_of(policy_of(CRANE), folder / "a"), protection_of(policy_of(), folder / "b")


@pytest.mark.law
@pytest.mark.parametrize(("wire", "streamed", "model"), ALL)
def test_no_string_of_an_answer_lets_it_out(
    protections: tuple[Protection, Protection], wire: str, streamed: bool, model: object
) -> None:
    tried = every(schema_of(model), STEP)
    assert doors(protections[0], wire, streamed, tried) == set()
    out = doors(protections[1], wire, streamed, tried)
    assert STEP > 1 or out or wire == "embeddings", "the test must be able to fail"
