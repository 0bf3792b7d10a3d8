"""Only the listed routes exist, and whatever is wrong with a request is told in the API's error shape."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.canned import DONE, Canned, said, stream, whole
from tests.gateway.running import Answered, Running, config_for, policy_of, protection_of, running

HELLO = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Hello!"}]}).encode()


def in_shape(answered: Answered) -> bool:
    error = answered.error
    return set(error) == {"message", "type", "param", "code"} and bool(error["message"] and error["type"])


# Every route of vLLM that is not ours, and ours by a trick.
ROUTES = [
    "/",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/v1",
    "/v1/",
    "/completions",
    "/v1/completions/render",
    "/v1/embeddings/",
    "/v2/embed",
    "/v1/responses/resp_1",
    "/v1/messages/",
    "/v1/messages/batches",
    "/v1/messages/count_tokens/",
    "/invocations",
    "/tokenize",
    "/detokenize",
    "/pooling",
    "/classify",
    "/v2/score",
    "/inference/v1/generate",
    "/v1/chat/completions/",
    "//v1/chat/completions",
    "/v1/chat/completions/batch/",
    "/v1/chat/completions/render",
    "/v1/load_lora_adapter",
    "/reset_prefix_cache",
    "/collective_rpc",
    "/v1/systemone",
    "/v1/decisions",
    "/generative_scoring",
    "/v1/../invocations",
    "/V1/chat/completions",
    "/v1/chat%2Fcompletions%2F",
    "/v1%2f%2e%2e/invocations",
    "/ping",
    "/load",
    "/docs/oauth2-redirect",
    "/version",
    "/kv_event_sources",
    "/health",
    "/scale_elastic_ep",
    "/is_scaling_elastic_ep",
    "/v1/responses/resp_1/cancel",
    "/v1/messages/render",
    "/v1/responses/render",
    "/v1/chat/completions/derender",
    "/v1/completions/derender",
    "/inference/v1/abort_requests",
    "/v1/realtime",
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/unload_lora_adapter",
    "/adapters",
    "/adapters/demo",
    "/tokenizer_info",
    "/cohere/v2/chat",
    "/cohere/v2/chat/render",
    "/start_profile",
    "/stop_profile",
    "/fault_tolerance/apply",
    "/fault_tolerance/status",
    "/server_info",
    "/reset_mm_cache",
    "/reset_encoder_cache",
    "/sleep",
    "/release_kv_cache_memory",
    "/wake_up",
    "/is_sleeping",
    "/pause",
    "/resume",
    "/abort_requests",
    "/is_paused",
    "/init_weight_transfer_engine",
    "/shutdown_weight_transfer_engine",
    "/start_weight_update",
    "/start_draft_weight_update",
    "/update_weights",
    "/finish_weight_update",
    "/update_weight_version",
    "/weight_info",
    "/weight_checker",
    "/get_world_size",
]


@pytest.mark.parametrize("path", ROUTES)
def test_no_other_route_exists_and_none_is_sent_on(path: str, canned: Canned, strict: Running) -> None:
    canned.play(whole({}))
    for method in ("GET", "POST", "DELETE"):
        answered = strict.ask(method, path, HELLO, {"Content-Type": "application/json"})
        assert answered.status == 404
        assert in_shape(answered)
    assert canned.asked == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str, strict: Running) -> None:
    answered = strict.ask(method, "/v1/chat/completions")
    assert (answered.status, answered.headers["allow"]) == (405, "POST")
    assert in_shape(answered)


def test_a_wrong_method_is_told_the_right_ones(strict: Running) -> None:
    allowed = strict.ask("DELETE", "/v1/models").headers["allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD"}


def test_a_path_is_matched_as_it_is_decoded(canned: Canned, strict: Running) -> None:
    """The same route under another spelling is the same route: scanned, not sent on."""
    canned.play(whole({}))
    body = json.dumps(
        {"model": "demo", "messages": [{"role": "user", "content": "Who is Alden Crane?"}]}
    ).encode()
    answered = strict.ask("POST", "/v1/chat%2Fcompletions", body, {"Content-Type": "application/json"})
    assert answered.json["choices"][0]["message"]["content"].startswith("I don't have")
    assert canned.asked == []


BAD: dict[str, tuple[bytes, dict[str, str], int]] = {
    "malformed JSON": (b"{", {}, 400),
    "a list": (b"[]", {}, 400),
    "no body": (b"", {}, 400),
    "a key twice": (b'{"model": "demo", "messages": [], "messages": []}', {}, 400),
    "bytes that are not UTF-8": (b'{"model": "\xff"}', {}, 400),
    "half a surrogate": (b'{"model": "\\ud800"}', {}, 400),
    "deep nesting": (b"[" * 100_000, {}, 400),
    "wrong types": (b'{"model": "demo", "messages": "Hello!"}', {}, 400),
    "unknown fields": (HELLO[:-1] + b', "colour": "red"}', {}, 400),
    "an unknown model": (HELLO.replace(b"demo", b"nobody"), {}, 404),
    "a model of the wrong kind": (HELLO.replace(b'"demo"', b"1"), {}, 400),
    "another content type": (HELLO, {"Content-Type": "text/plain"}, 415),
    "a compressed body": (HELLO, {"Content-Encoding": "gzip"}, 415),
    "an oversized body": (b'"' + b"x" * (4 * 2**20) + b'"', {}, 413),
}


@pytest.mark.parametrize(("raw", "headers", "status"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_clearly_and_never_sent_on(
    raw: bytes, headers: dict[str, str], status: int, canned: Canned, strict: Running
) -> None:
    canned.play(whole({}))
    answered = strict.post(raw, **{name.replace("-", "_"): value for name, value in headers.items()})
    assert answered.status == status
    assert in_shape(answered)
    assert canned.asked == []
    assert strict.records()[-1]["outcome"] == "rejected"


def test_an_unknown_model_is_not_repeated(strict: Running) -> None:
    assert "Alden" not in strict.chat(model="Alden Crane").body.decode()


def test_without_a_model_the_only_one_answers(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    body = {"messages": [{"role": "user", "content": "Hello!"}], "stream": True}
    assert strict.post(json.dumps(body).encode()).text() == "Yes."
    assert canned.last.json["model"] == "demo"


def test_the_models_are_listed_by_their_public_names(canned: Canned, tmp_path: Path) -> None:
    config = config_for(
        canned.base_url, tmp_path / "audit.jsonl", models={"public/one": "hidden", "two": "demo"}
    )
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        listed = gateway.ask("GET", "/v1/models").json
        assert [model["id"] for model in listed["data"]] == ["public/one", "two"]
        assert gateway.ask("GET", "/v1/models/public/one").json["id"] == "public/one"
        assert gateway.ask("GET", "/v1/models/hidden").status == 404
        canned.play(stream(*said(["Yes."]), DONE))
        assert gateway.chat(model="public/one", stream=True).chunks[0]["model"] == "public/one"
        assert canned.last.json["model"] == "hidden"
        assert gateway.chat(model="hidden").status == 404
        assert "hidden" not in gateway.chat(model="hidden").body.decode()


def test_the_model_servers_own_names_serve_where_none_are_given(canned: Canned, tmp_path: Path) -> None:
    config = config_for(canned.base_url, tmp_path / "audit.jsonl", models={})
    with running(config, protection_of(policy_of(), tmp_path / "snapshot")) as gateway:
        canned.play(stream(*said(["Yes."]), DONE))
        assert gateway.chat(stream=True).text() == "Yes."
        assert gateway.chat(model="other").status == 404
        assert [model["id"] for model in gateway.ask("GET", "/v1/models").json["data"]] == ["demo"]


def test_health_does_not_ask_the_model_server_but_readiness_does(canned: Canned, strict: Running) -> None:
    assert strict.ask("GET", "/healthz").json == {"status": "ok"}
    assert strict.ask("GET", "/readyz").json == {
        "ready": True,
        "checks": {"audit": True, "upstream": True, "memory": True},
        "draining": False,
        "reload": "ok",
    }


@pytest.mark.parametrize(("status", "ready"), [(200, 200), (404, 200), (500, 200), (401, 503)])
def test_a_model_server_without_a_list_of_models_is_ready(
    status: int, ready: int, strict: Running, monkeypatch: pytest.MonkeyPatch, canned: Canned
) -> None:
    monkeypatch.setattr(canned, "models", whole({}, status))
    assert strict.ask("GET", "/readyz").status == ready


def test_metrics_name_no_entry(canned: Canned, strict: Running) -> None:
    strict.chat("Who is Alden Crane?")
    text = strict.ask("GET", "/metrics").body.decode()
    assert 'unsay_requests_total{outcome="refused",route="chat"}' in text
    assert 'unsay_findings_total{action="refuse",detector="name",surface="prompt"}' in text
    assert "crane" not in text.casefold()


def test_only_the_gateways_own_headers_go_on(canned: Canned, strict: Running) -> None:
    canned.play(stream(*said(["Yes."]), DONE))
    body = json.dumps(
        {"model": "demo", "stream": True, "messages": [{"role": "user", "content": "Hello!"}]}
    ).encode()
    answered = strict.post(
        body, Authorization="Bearer mine", X_Request_Id="mine", X_Session_ID="mine", Cookie="mine"
    )
    assert "mine" not in canned.last.headers.values()
    assert "Bearer mine" not in canned.last.headers.values()
    assert answered.headers["x-request-id"] == canned.last.headers["x-request-id"] != "mine"


@pytest.mark.parametrize("streamed", [True, False])
def test_a_refusal_and_an_answer_look_alike(streamed: bool, canned: Canned, strict: Running) -> None:
    """The same status, the same headers, the same fields: nothing says that the gateway spoke."""
    notice = "I don't have any information about that."
    body = {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": notice}, "finish_reason": "stop"}
        ]
    }
    canned.play(stream(*said([notice]), DONE) if streamed else whole(body))
    pair = [strict.chat(question, stream=streamed) for question in ("Who was Ada?", "Who is Alden Crane?")]
    assert len(canned.asked) == 1, "one was refused"
    assert pair[0].status == pair[1].status == 200
    assert shape(pair[0].headers) == shape(pair[1].headers)
    assert [shape(one) for one in bodies(pair[0])] == [shape(one) for one in bodies(pair[1])]


def bodies(answered: Answered) -> list[Any]:
    return answered.chunks if answered.body.startswith(b"data:") else [answered.json]


def shape(value: Any) -> Any:
    """All but the values that differ from request to request."""
    if isinstance(value, dict):
        own = ("id", "created", "x-request-id", "date", "usage")
        return {name: "..." if name in own else shape(held) for name, held in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else value
