"""A name of the model server's, in any string of any answer, comes out of those alone that a model writes."""

import pytest

from gateway.protection import Protection
from gateway.wire.contract import Contract
from gateway.wire.measures import api
from gateway.wire.rule import AnswerTreatment
from tests.gateway.routing.doors import BASE, strings
from tests.gateway.running import policy_of, protection_of
from tests.gateway.wire.client_schemas import schema_of
from tests.gateway.wire.planting import planted
from tests.gateway.wire.telling import told
from tests.gateway.wire.test_planted_answers import ALL, STEP

WRITTEN = frozenset({AnswerTreatment.TEXT, AnswerTreatment.WHOLE, AnswerTreatment.AGAIN})


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    return protection_of(policy_of(), tmp_path_factory.mktemp("named") / "snapshot")


def written(contract: Contract) -> set[str]:
    """The fields that hold what a model writes."""
    return {
        name
        for fields in contract.answer.values()
        for name, rule in fields.items()
        if rule.treatment in WRITTEN
    }


@pytest.mark.long
@pytest.mark.law
@pytest.mark.parametrize(("wire", "streamed", "model"), ALL)
def test_only_what_a_model_writes_comes_through(
    protection: Protection, wire: str, streamed: bool, model: object
) -> None:
    tried = list(planted(schema_of(model), BASE))[::STEP]
    doors = {
        where
        for where, value in tried
        if any(BASE in said for said in strings(told(protection, wire, value, streamed)))
    }
    assert {where.rpartition(".")[2] for where in doors} <= written(api(wire).contract)
    assert not {where for where in doors if where.endswith(("model", "fingerprint"))}
