"""What the admin API says of itself is so: whatever it is sent, it answers as its document tells."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from gateway.admin.app import V1
from tests.gateway.admin.office import Asking, Office, office
from tests.gateway.running import HOST
from tests.laws import CASES

Asked = Case[Any]
POSTED = [
    V1,
    *(f"{V1}/{{id}}/{act}" for act in ("moves", "approvals", "segments", "previews", "receipts")),
    "/v1/previews",
]
CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = office(tmp_path_factory.mktemp("described"))
    with made.stack:
        yield made


@pytest.fixture(scope="module")
def api(own: Office) -> Iterator[Asking]:
    with own.served(requests_per_minute=1e9) as asking:
        yield asking


@cache
def published(port: int) -> schemathesis.BaseSchema:
    document = Asking(port).get("/openapi.json").json
    for methods in document["paths"].values():
        for operation in methods.values():
            # Or most of what is made up would be turned away for its key.
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(document)


@pytest.mark.law
@pytest.mark.parametrize("path", POSTED)
@settings(max_examples=max(2, CASES // 100), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_answer_is_one_that_the_document_tells_of(path: str, api: Asking, data: st.DataObject) -> None:
    operation = published(api.port)[path]["post"]
    kinds = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    case: Asked = data.draw(st.one_of([operation.as_strategy(generation_mode=kind) for kind in kinds]))
    answer = case.call(base_url=f"http://{HOST}:{api.port}", headers={"Authorization": "Bearer anna"})
    case.validate_response(answer, checks=CHECKED)
    assert answer.status_code < 500


def test_no_route_is_left_out(api: Asking) -> None:
    document = api.get("/openapi.json").json
    assert {path for path, methods in document["paths"].items() if "post" in methods} == set(POSTED)
    assert "422" not in str(document["paths"])
