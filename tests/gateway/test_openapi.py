"""Whatever the published document allows or forbids, every answer is one that it tells of, and none a crash.

What the document does not allow is never accepted, so that it says no less than the contracts do.
"""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.routing import Route

from gateway.app import routed
from gateway.openapi import document
from tests.gateway.bad.ground import KEY, OPERATOR, keys
from tests.gateway.canned import Canned
from tests.gateway.running import CRANE, HOST, Running, config_for, policy_of, protection_of, running
from tests.gateway.wire import polyglot
from tests.laws import CASES

DOCUMENT: Any = document()
ROUTES = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
POSTED = [path for path, method in ROUTES if method == "post"]
OPERATORS = {"/metrics", "/unsay/feedback"}
Asked = Case[Any]
CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@cache
def published() -> schemathesis.BaseSchema:
    """Without the keys, or most of what is made up would be turned away for its key."""
    told = copy.deepcopy(DOCUMENT)
    for path, method in ROUTES:
        del told["paths"][path][method]["security"]
    return schemathesis.openapi.from_dict(told)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("openapi")
    protection = protection_of(policy_of(CRANE), folder / "snapshot")
    with Canned(answers=polyglot.answers) as canned:
        config = config_for(canned.base_url, folder / "audit.jsonl", litellm={}, keys=keys())
        with running(config, protection) as one:
            yield one


def cases(path: str, method: str) -> st.SearchStrategy[Asked]:
    """What the document allows, and what it does not."""
    operation = published()[path][method]
    kinds = [GenerationMode.POSITIVE]
    if method == "post":
        kinds.append(GenerationMode.NEGATIVE)
    return st.one_of([operation.as_strategy(generation_mode=kind) for kind in kinds])


def asked(case: Asked, gateway: Running, **headers: str) -> schemathesis.Response:
    return case.call(base_url=f"http://{HOST}:{gateway.port}", headers=headers)


def fits(schema: Any, value: object) -> bool:
    return Draft202012Validator(schema | {"components": DOCUMENT["components"]}).is_valid(value)


def allowed(path: str, body: object) -> bool:
    content = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]
    return fits(content["application/json"]["schema"], body)


@pytest.mark.law
@pytest.mark.parametrize(("path", "method"), ROUTES)
@settings(max_examples=max(2, CASES // 50), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_answer_is_one_that_the_document_tells_of(
    path: str, method: str, gateway: Running, data: st.DataObject
) -> None:
    case = data.draw(cases(path, method))
    key = (OPERATOR if path in OPERATORS else KEY).decode()
    response = asked(case, gateway, Authorization=f"Bearer {key}")
    case.validate_response(response, checks=CHECKED)
    assert response.status_code < 500
    if method == "post" and response.status_code == 200:
        sent = response.request.body
        assert isinstance(sent, bytes | str)
        assert allowed(path, json.loads(sent)), "what the document does not allow was accepted"


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_what_wants_a_key_says_so_in_its_own_shape(path: str, method: str, gateway: Running) -> None:
    told = DOCUMENT["paths"][path][method]
    answered = gateway.ask(
        method.upper(), path.replace("{name}", "demo"), b"{}" if method == "post" else None
    )
    assert (answered.status == 401) is bool(told["security"])
    if told["security"]:
        content = told["responses"]["default"]["content"]
        assert fits(content["application/json"]["schema"], answered.json)


def test_every_route_is_in_the_document() -> None:
    routes = [route for route in routed()._others.router.routes if isinstance(route, Route)]
    assert {route.path.replace(":path", "") for route in routes} == {path for path, _ in ROUTES}


@pytest.mark.parametrize("path", POSTED)
def test_a_field_that_nobody_knows_is_not_allowed(path: str) -> None:
    assert not allowed(path, {"Alden": "Crane"})
