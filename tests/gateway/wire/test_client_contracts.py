"""The contracts name every field that the official clients can send, and every one that they can be sent."""

import pytest

from gateway.wire.contract import load_contract
from tests.gateway.wire.client_schemas import ANSWERS, BETAS, REQUESTS, schema_of
from tests.gateway.wire.comparing import Comparison, compare_answer, compare_request, with_field


@pytest.mark.parametrize(("wire", "model"), [*REQUESTS.items(), *BETAS.items()])
def test_every_field_that_a_client_sends_has_its_treatment(wire: str, model: object) -> None:
    found = compare_request(load_contract(wire), schema_of(model))
    assert found.complaints == []


@pytest.mark.parametrize(("wire", "start", "model"), ANSWERS)
def test_every_field_that_a_client_expects_has_its_treatment(wire: str, start: str, model: object) -> None:
    found = compare_answer(load_contract(wire), schema_of(model), start)
    assert found.complaints == []


def test_nested_models_are_compared_too() -> None:
    """Or the tests above would look at little."""
    asked = [compare_request(load_contract(wire), schema_of(model)) for wire, model in REQUESTS.items()]
    told = [compare_answer(load_contract(wire), schema_of(model), start) for wire, start, model in ANSWERS]
    assert sum(asked, Comparison()).fields > 400
    assert sum(told, Comparison()).fields > 300


@pytest.mark.parametrize(
    ("wire", "model"),
    [
        ("chat", "ChatCompletionContentPartTextParam"),
        ("chat", "ChatCompletionStreamOptionsParam"),
        ("responses", "ResponseFunctionToolCallParam"),
        ("responses", "ResponseInputImageParam"),
        ("messages", "DocumentBlockParam"),
        ("messages", "Base64PDFSourceParam"),
    ],
)
def test_a_new_field_of_a_request_is_missed(wire: str, model: str) -> None:
    grown = with_field(schema_of(REQUESTS[wire]), model, "brand_new")
    complaints = compare_request(load_contract(wire), grown).complaints
    assert complaints
    assert {complaint.rsplit(".", 1)[-1] for complaint in complaints} == {"brand_new"}


@pytest.mark.parametrize(
    ("wire", "start", "model"),
    [
        ("chat", "body", "ChoiceDelta"),
        ("responses", "event", "ResponseOutputText"),
        ("responses", "event", "ResponseTextDeltaEvent"),
        ("messages", "event", "BetaTextDelta"),
    ],
)
def test_a_new_field_of_an_answer_is_missed(wire: str, start: str, model: str) -> None:
    of = {(wire, start): each for wire, start, each in ANSWERS}[wire, start]
    complaints = compare_answer(
        load_contract(wire), with_field(schema_of(of), model, "brand_new"), start
    ).complaints
    assert complaints
    assert {complaint.rsplit(".", 1)[-1] for complaint in complaints} == {"brand_new"}
