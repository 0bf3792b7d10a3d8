"""What a real collector is told of requests, and that no word of them is in it."""

import hashlib
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from gateway.config_tracing import Tracing
from tests.gateway.canned import DONE, Canned, completion, said, stream, whole
from tests.gateway.running import CRANE, NOTICE, config_for, policy_of, protection_of, running
from tests.gateway.tracing.collector import Collector, collecting, told

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INTERNAL, SERVER, CLIENT = 1, 2, 3
KEY = "a-key-of-a-client"


def asked(canned: Canned, folder: Path, *questions: tuple[str, dict[str, Any]], **rest: Any) -> Collector:
    """What the collector has when the gateway has ended."""
    with collecting() as collector:
        tracing = {"endpoint": collector.endpoint, **rest.pop("tracing", {})}
        config = config_for(canned.base_url, folder / "audit.jsonl", tracing=tracing, **rest)
        with running(config, protection_of(policy_of(CRANE), folder / "snapshot")) as gateway:
            for content, headers in questions:
                body = {"model": "demo", "messages": [{"role": "user", "content": content}]}
                raw = json.dumps(body | {"stream": bool(headers.pop("stream", False))}).encode()
                gateway.post(raw, **headers)
        return collector


def test_a_request_is_told_in_the_terms_of_its_field(canned: Canned, tmp_path: Path) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    canned.play(whole({**completion("A lamp."), "usage": usage}))
    collector = asked(canned, tmp_path, ("Hello!", {"traceparent": f"00-{TRACE}-{SPAN}-01"}))
    spans = {span.kind: span for span in collector.spans()}
    own, scan, call = spans[SERVER], spans[INTERNAL], spans[CLIENT]
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert own.parent_span_id.hex() == SPAN
    assert scan.parent_span_id == call.parent_span_id == own.span_id
    assert own.start_time_unix_nano <= scan.start_time_unix_nano <= scan.end_time_unix_nano
    assert scan.end_time_unix_nano <= call.start_time_unix_nano <= call.end_time_unix_nano
    assert call.end_time_unix_nano <= own.end_time_unix_nano
    attributes = told(own)
    assert [own.name, scan.name, call.name] == ["chat demo", "scan of the prompt", "chat demo"]
    assert (
        attributes.items()
        >= {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "demo",
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.output_tokens": 4,
            "http.response.status_code": 200,
            "unsay.outcome": "answered",
            "unsay.findings": 0,
        }.items()
    )
    assert canned.last.headers["traceparent"] == f"00-{TRACE}-{call.span_id.hex()}-01"


def test_no_word_of_a_request_or_an_answer_is_told(canned: Canned, tmp_path: Path) -> None:
    keys = [{"name": "team", "sha256": hashlib.sha256(KEY.encode()).hexdigest()}]
    bearer = {"Authorization": f"Bearer {KEY}"}
    canned.play(stream(*said(["The lamp ", "of Alden Crane ", "is 555-201-3391."]), DONE))
    collector = asked(
        canned,
        tmp_path,
        ("Where is the lighthouse?", {"stream": True, **bearer}),
        ("Where was Alden Crane born?", dict(bearer)),
        ("Who is he?", {"Authorization": "Bearer wrong"}),
        keys=keys,
    )
    outcomes = [told(span)["unsay.outcome"] for span in collector.spans() if span.kind == SERVER]
    assert outcomes == ["withheld", "refused"], "and nothing of who has no key"
    sent = b"".join(collector.bodies)
    words = ("lighthouse", "Alden", "Crane", "crane", "lamp", "555", "born", KEY, "team", NOTICE)
    assert not [word for word in words if word.encode() in sent]
    assert b"unsay.findings" in sent


def test_what_is_refused_was_not_asked(canned: Canned, tmp_path: Path) -> None:
    collector = asked(canned, tmp_path, ("Where was Alden Crane born?", {}))
    assert [span.kind for span in collector.spans() if span.kind == CLIENT] == []
    assert [span.name for span in collector.spans()] == ["chat demo", "scan of the prompt"]


def test_a_failure_is_one(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole({}, status=500))
    collector = asked(canned, tmp_path, ("Hello!", {}))
    failed = {span.kind: span.status.code for span in collector.spans() if span.kind in (SERVER, CLIENT)}
    assert failed == {SERVER: 2, CLIENT: 2}
    (own,) = (span for span in collector.spans() if span.kind == SERVER)
    assert told(own)["error.type"] == "upstream_error"


def test_who_says_that_a_trace_is_not_told_is_heard(canned: Canned, tmp_path: Path) -> None:
    canned.play(whole(completion("A lamp.")))
    collector = asked(canned, tmp_path, ("Hello!", {"traceparent": f"00-{TRACE}-{SPAN}-00"}))
    assert collector.spans() == []
    assert "traceparent" not in canned.last.headers


def test_an_answer_does_not_wait_for_a_collector(canned: Canned, tmp_path: Path) -> None:
    """One that takes connections and says nothing."""
    canned.play(whole(completion("A lamp.")))
    with closing(create_server(("127.0.0.1", 0))) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces"
        config = config_for(
            canned.base_url, tmp_path / "audit.jsonl", tracing={"endpoint": endpoint, "timeout_s": 0.1}
        )
        with running(config, protection_of(policy_of(CRANE), tmp_path / "snapshot")) as gateway:
            assert [gateway.chat().status for _ in range(3)] == [200, 200, 200]


LOADED = "import sys, gateway.workers.worker; print([one for one in sys.modules if 'telemetry.sdk' in one])"


def test_what_is_not_wanted_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "http://", "http://me:secret@collector/v1/traces"])
def test_a_wrong_address_of_the_collector_is_told_at_the_start(endpoint: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Tracing(endpoint=endpoint)
