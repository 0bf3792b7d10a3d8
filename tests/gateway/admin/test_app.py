"""The admin API from outside: who may do what, how it says no, and that it never says what it was sent."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.config_admin import Role
from index.ledger.error import Unavailable
from tests.gateway.admin.office import ENTRY, ROWS, TEXTS, Asking, Office, key_of, office
from tests.gateway.running import HOST, KEY

V1 = "/v1/forget-requests"
ONE = f"{V1}/erasure-0142"
ADD = {"entry": ENTRY}
NOBODY = frozenset[str]()
ALL = frozenset({"anna", "berta", "rita", "otto", "paul", "audrey"})


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = office(tmp_path_factory.mktemp("office"))
    with made.stack:
        yield made


@pytest.fixture(scope="module")
def api(own: Office) -> Iterator[Asking]:
    with own.served() as asking:
        assert asking.post(V1, ADD).status == 201
        yield asking


def refused(answer: Any, status: int) -> str:
    """The message, once the shape is that of every failure and nothing that was sent is in it."""
    error = answer.json["error"]
    assert (answer.status, set(error)) == (status, {"message", "type", "param", "code"})
    assert not [text for text in TEXTS if text in answer.body.decode()]
    return str(error["message"])


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("POST", V1, {"entry": {"id": "ab"}}, {"anna", "berta", "rita"}),
        ("POST", V1, {"entry": {"id": "ab"}, "then": "enforce"}, {"anna", "berta"}),
        ("GET", V1, None, ALL),
        ("GET", ONE, None, ALL),
        ("POST", f"{ONE}/moves", {"event": "stage"}, {"anna", "berta", "otto"}),
        ("POST", f"{ONE}/approvals", {"event": "stage", "share": 0.5}, {"anna", "berta", "paul"}),
        ("POST", f"{ONE}/segments", {"entry": {"id": "ab"}}, {"anna", "berta", "rita"}),
        ("POST", f"{ONE}/previews", {"rows": [7]}, ALL - {"audrey"}),
        ("POST", "/v1/previews", {"rows": [7], "entry": {"id": "ab"}}, ALL - {"audrey"}),
        ("POST", f"{ONE}/receipts", {}, ALL),
        ("GET", "/v1/ledger", None, ALL),
        ("GET", "/metrics", None, {"anna", "berta", "otto", "audrey"}),
    ],
)
def test_a_role_may_do_what_it_is_for_and_no_more(
    api: Asking, method: str, path: str, body: Any, allowed: frozenset[str]
) -> None:
    def status(key: str) -> int:
        return (api.get(path, key) if method == "GET" else api.post(path, body, key)).status

    assert {key for key in ALL if status(key) != 403} == allowed


@pytest.mark.parametrize("key", [None, "nobody", "", "anna anna"])
def test_nobody_without_a_key_is_told_anything(api: Asking, key: str | None) -> None:
    for answer in (
        api.get(V1, key),
        api.post(V1, ADD, key),
        api.get("/nothing", key),
        api.get("/metrics", key),
    ):
        assert "expected a known key" in refused(answer, 401)
    assert api.get("/healthz", None).json == {"status": "ok"}
    assert api.get("/readyz", None).json == {"status": "ready"}


def test_two_keys_at_once_are_none(api: Asking) -> None:
    line = http.client.HTTPConnection(HOST, api.port, timeout=60)
    line.putrequest("GET", V1)
    for key in ("anna", "berta"):
        line.putheader("Authorization", f"Bearer {key}")
    line.endheaders()
    assert line.getresponse().status == 401
    line.close()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "The body: expected JSON, found nothing"),
        (b"{", "The body: expected JSON"),
        (b'{"entry": {}, "entry": {}}', "expected every key of an object once"),
        (b'["Alden Crane"]', "body: "),
        (b"{}", "entry: Field required"),
        (b'{"entry": "Alden Crane"}', "entry: Input should be a valid dictionary"),
        (b'{"entry": {}, "share": 0}', "share: Input should be greater than 0"),
        (b'{"entry": {}, "share": NaN}', "The body: expected JSON"),
        (b'{"entry": {}, "then": "Alden Crane"}', "then: Input should be"),
        (b'{"entry": {}, "Alden Crane": 1}', "the key of 11 characters: expected no such key"),
        (b'{"entry": {"id": "ab", "names": {"Alden": "Crane"}}}', "entry: names: expected a list, got a map"),
        (b'{"entry": {"id": "ab", "names": ["A B"], "until": "2001-01-01T00:00:00Z"}}', "in the future"),
        (b'{"entry": {"id": "ab", "names": ["Alden Crane"]}, "source": "reference"}', "expected a reference"),
        (b'{"entry": {"id": "ab", "names": ["Alden Crane"]}, "why": "a\\nb"}', "why: expected at most 200"),
        (b'{"entry": {"id": "ab", "names": ["Alden Crane"]}, "then": "stage"}', "expected a request that is"),
    ],
)
def test_a_bad_body_is_refused_and_changes_nothing(api: Asking, body: bytes, told: str) -> None:
    before = api.get("/v1/ledger").json
    answer = api.post(V1, body)
    assert answer.status in (400, 409)
    assert told in refused(answer, answer.status)
    assert api.get("/v1/ledger").json == before


def test_only_json_is_read(api: Asking) -> None:
    answer = api.ask("POST", V1, json.dumps(ADD).encode(), "anna", Content_Type="text/plain")
    assert "expected application/json" in refused(answer, 415)
    assert api.ask("POST", V1, json.dumps(ADD).encode(), "anna").status == 415


def test_what_is_no_route_is_none(api: Asking) -> None:
    assert "expected a listed route" in refused(api.get("/docs"), 404)
    assert "expected a listed route" in refused(api.get(f"{ONE}/texts"), 404)
    answer = api.ask("DELETE", ONE, b"{}", "anna", Content_Type="application/json")
    assert "expected one that this route takes" in refused(answer, 405)


def test_no_page_of_another_site_gets_in(api: Asking) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = api.ask("OPTIONS", V1, None, "anna", **asked)
    assert answer.status == 405
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_without_keys_this_machine_may_ask_and_no_page(own: Office) -> None:
    with own.served(keys=()) as api:
        assert api.get(V1, None).status == 200
        assert api.get(V1, None, Origin=f"http://{HOST}:{api.port}").status == 200
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
            assert "A web page may not ask here" in refused(api.get(V1, None, **headers), 403)


def test_a_body_has_a_largest_size(own: Office) -> None:
    with own.served(body_bytes=2000) as api:
        large = {"entry": {"id": "ab", "names": ["Alden Crane" * 300]}}
        assert "expected at most 2000 bytes" in refused(api.post(V1, large), 413)
        assert api.post("/v1/previews", {"rows": ["Hello"], "entry": ENTRY}).status == 200


def test_a_key_has_a_rate_of_its_own(own: Office) -> None:
    slow = key_of("rita", Role.REQUESTER, requests_per_minute=2)
    with own.served(keys=(slow, key_of("audrey", Role.AUDITOR))) as api:
        assert [api.get(V1, "rita").status for _ in range(3)] == [200, 200, 429]
        assert api.get(V1, "audrey").status == 200


def test_a_preview_has_an_end(own: Office) -> None:
    with own.served(preview_rows=3) as api:
        answer = api.post(f"{ONE}/previews", {"rows": list(ROWS)})
        assert refused(answer, 400) == "rows: expected at most 3, found more"
        assert api.post(f"{ONE}/previews", {"rows": list(ROWS[:3])}).json["rows"] == 3
    with own.served(preview_s=1e-9) as api:
        assert "expected an end within" in refused(api.post(f"{ONE}/previews", {"rows": list(ROWS)}), 400)


def test_the_same_key_of_idempotency_adds_once_and_is_nobody_elses(api: Asking) -> None:
    body = {"entry": {**ENTRY, "id": "once"}}
    first = api.post(V1, body, Idempotency_Key="k1")
    again = api.post(V1, body, Idempotency_Key="k1")
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert "expected an id that no request has had" in refused(
        api.post(V1, body, "berta", Idempotency_Key="k1"), 409
    )
    assert refused(api.post(V1, body, Idempotency_Key="a b"), 400).startswith("idempotency-key: ")


def test_what_is_counted_names_no_request(api: Asking) -> None:
    api.get(ONE)
    text = api.get("/metrics").body.decode()
    assert 'unsay_admin_requests_total{route="/v1/forget-requests/{id}",status="200"}' in text
    assert 'unsay_forget_requests{state="staged"}' in text
    assert 'unsay_forget_pending{part="exact"} 0.0' in text
    assert "erasure" not in text


def test_the_document_of_the_api_lists_every_route(api: Asking) -> None:
    document = api.get("/openapi.json").json
    assert set(document["paths"]) == {
        V1,
        f"{V1}/{{id}}",
        *(f"{V1}/{{id}}/{act}" for act in ("moves", "approvals", "segments", "previews", "receipts")),
        "/v1/previews",
        "/v1/ledger",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    assert "AddDocument" in document["components"]["schemas"]


def test_a_ledger_that_cannot_be_read_is_not_ready(own: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("expected the database, found none")

    with own.served() as api:
        monkeypatch.setattr("index.ledger.ledger.Ledger.refresh", gone)
        answer = api.get("/readyz", None)
        assert (answer.status, answer.json) == (503, {"status": "the ledger cannot be read"})
        assert refused(api.get(V1), 503) == "expected the database, found none"


def test_a_fault_of_ours_says_nothing_of_what_it_met(
    own: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: object) -> bytes:
        raise RuntimeError("Alden Crane")

    monkeypatch.setattr("gateway.admin.compiler.Compiler.exact", faulty)
    with own.served() as api:
        answer = api.post(V1, {"entry": {**ENTRY, "id": "faulty"}})
    assert refused(answer, 500) == "The request could not be worked on."
    assert "RuntimeError in " in caplog.text
    assert "Alden" not in caplog.text
    assert KEY.hex() not in caplog.text
