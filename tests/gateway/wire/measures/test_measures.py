"""Embeddings, reranking and scores: texts are scanned, and nothing but numbers comes back."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest

from policy.action import Action
from tests.gateway.canned import Canned, stream, whole
from tests.gateway.running import (
    CRANE,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)

ASKED = "Who is Alden Crane?"
VECTOR = [0.5, -1.0, 2.0]
USAGE = {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 0, "prompt_tokens_details": None}
NAMED = {"id": "embd-upstream", "object": "list", "created": 1, "model": "demo", "usage": USAGE}
ROUTES = ["/v1/embeddings", "/v1/rerank", "/rerank", "/v2/rerank", "/v1/score", "/score"]
PAIRS = {"text_1": "a", "text_2": ["b", "c"]}


def written(vector: list[float]) -> str:
    return b64encode(np.array(vector, "<f4").tobytes()).decode()


def embedded(*vectors: object, **rest: Any) -> dict[str, Any]:
    rows = [{"object": "embedding", "index": at, "embedding": each} for at, each in enumerate(vectors)]
    return {**NAMED, "data": rows, **rest}


def ranked(*results: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "rerank-upstream",
        "model": "demo",
        "usage": {"prompt_tokens": 9, "total_tokens": 9},
        "results": list(results),
    }


def result(index: int, near: object, text: str, **rest: Any) -> dict[str, Any]:
    document = {"text": text, "multi_modal": None, **rest}
    return {"index": index, "relevance_score": near, "document": document}


def ask(gateway: Running, route: str, **body: Any) -> Answered:
    raw = json.dumps({"model": "demo"} | body).encode()
    return gateway.ask("POST", route, raw, {"Content-Type": "application/json"})


def body_for(route: str, text: str) -> dict[str, Any]:
    if "rerank" in route:
        return {"query": "A lamp?", "documents": ["A lamp.", text]}
    return {"text_1": text, "text_2": ["A lamp."]} if "score" in route else {"input": ["A lamp.", text]}


@pytest.fixture
def client(strict: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=strict.base_url, api_key="none", max_retries=0) as asking:
        yield asking


@pytest.fixture(scope="module")
def redacting(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("redacting")
    protection = protection_of(policy_of(CRANE, prompt=Action.REDACT), folder / "snapshot")
    with running(config_for(canned.base_url, folder / "audit.jsonl"), protection) as gateway:
        yield gateway


def test_the_official_client_gets_the_vectors_of_the_model_server(
    canned: Canned, client: openai.OpenAI, strict: Running
) -> None:
    canned.play(whole(embedded(written(VECTOR), written([1.0]))))
    told = client.embeddings.create(model="demo", input=["A lamp.", "A tower."], user="ann")
    assert [each.embedding for each in told.data] == [VECTOR, [1.0]]
    assert (told.usage.prompt_tokens, told.usage.total_tokens) == (3, 3)
    assert canned.last.json == {
        "model": "demo",
        "input": ["A lamp.", "A tower."],
        "encoding_format": "base64",
    }
    assert canned.last.path == "/v1/embeddings"
    assert (strict.records()[-1]["route"], strict.records()[-1]["outcome"]) == ("embeddings", "answered")
    canned.play(whole(embedded(VECTOR)))
    plain = client.embeddings.create(model="demo", input="A lamp.", encoding_format="float")
    assert plain.data[0].embedding == VECTOR


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_policy_refuses_is_one_error_whatever_matched(
    canned: Canned, strict: Running, route: str
) -> None:
    canned.play(whole({}))
    refused = [
        ask(strict, route, **body_for(route, text))
        for text in (ASKED, CRANE.passages[0], "His number is 555-201-3391.")
    ]
    assert [each.status for each in refused] == [400] * 3
    assert len({each.body for each in refused}) == 1
    assert refused[0].error["message"] == NOTICE
    assert (refused[0].error["type"], refused[0].error["code"]) == ("invalid_request_error", "content_filter")
    assert len({frozenset(each.headers) for each in refused}) == 1
    assert not canned.asked
    assert strict.records()[-1]["outcome"] == "refused"


def test_the_official_client_does_not_ask_again_for_what_is_refused(canned: Canned, strict: Running) -> None:
    before = len(strict.records())
    with (
        openai.OpenAI(base_url=strict.base_url, api_key="none") as asking,
        pytest.raises(openai.BadRequestError, match=NOTICE) as caught,
    ):
        asking.embeddings.create(model="demo", input=ASKED)
    assert (caught.value.code, caught.value.param) == ("content_filter", "input")
    assert len(strict.records()) == before + 1


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_policy_allows_goes_on_and_what_it_redacts_goes_on_without(
    canned: Canned, ending: Running, redacting: Running, route: str
) -> None:
    canned.play(whole({"data": [], "results": []}))
    assert ask(ending, route, **body_for(route, ASKED)).status == 200
    assert ASKED in str(canned.last.json)
    assert ask(redacting, route, **body_for(route, ASKED)).status == 200
    assert "A lamp." in str(canned.last.json)
    assert "Crane" not in str(canned.last.json)


def test_a_reranked_document_is_the_one_that_went_on(canned: Canned, redacting: Running) -> None:
    said = ranked(result(1, 0.9, "Alden Crane wrote it."), result(0, 0.1, "A lamp."))
    canned.play(whole(said))
    told = ask(redacting, "/v1/rerank", query="A lamp?", documents=["A lamp.", "I met Alden Crane."]).json
    assert [(each["index"], each["relevance_score"]) for each in told["results"]] == [(1, 0.9), (0, 0.1)]
    sent = canned.last.json["documents"]
    assert [each["document"] for each in told["results"]] == [{"text": sent[1]}, {"text": sent[0]}]
    assert "Crane" not in str(told)


@pytest.mark.parametrize("most", [1, 100_000], ids=["here", "in the process for large texts"])
def test_the_usage_of_texts_that_were_cut_tells_nothing_of_what_went_on(
    most: int, canned: Canned, redacting: Running
) -> None:
    documents = ["A lamp." * most, "I met Alden Crane."]
    canned.play(whole(ranked(result(0, 0.9, documents[0]), result(1, 0.1, "?"))))
    told = ask(redacting, "/v1/rerank", query="A lamp?", documents=documents).json
    counted = (sum(map(len, documents)) + len("A lamp?") + 3) // 4
    assert told["usage"] == {"prompt_tokens": counted, "total_tokens": counted}


def test_scores_come_back(canned: Canned, strict: Running) -> None:
    rows = [{"index": at, "object": "score", "score": near} for at, near in enumerate((0.25, 1))]
    canned.play(whole({**NAMED, "data": rows}))
    told = ask(strict, "/score", **PAIRS).json
    assert (told["object"], told["data"]) == ("list", rows)
    assert told["id"].startswith("embd-")
    assert told["id"] != "embd-upstream"


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/v1/embeddings", embedded("Alden Crane")),
        ("/v1/embeddings", embedded(["Alden Crane"])),
        ("/v1/embeddings", embedded([True])),
        ("/v1/embeddings", embedded({"a": "Alden Crane"})),
        ("/v1/embeddings", embedded(VECTOR, VECTOR)),
        ("/v1/embeddings", embedded(VECTOR, note="Alden Crane")),
        ("/v1/embeddings", embedded(VECTOR, data=None)),
        ("/v1/rerank", ranked(result(0, "Alden Crane", "b"))),
        ("/v1/rerank", ranked(result(2, 0.5, "b"))),
        ("/v1/rerank", ranked(result(0, 0.5, "b"), result(0, 0.5, "b"))),
        ("/v1/rerank", ranked(result(0, 0.5, "b", title="Alden Crane"))),
        ("/v1/score", {**NAMED, "data": [{"index": 0, "score": "Alden Crane"}]}),
        ("/v1/score", {**NAMED, "data": [{"index": 0, "score": 1.0, "why": "Alden Crane"}]}),
        ("/v1/score", {**NAMED, "data": "Alden Crane"}),
        ("/v1/score", "Alden Crane"),
    ],
)
def test_an_answer_that_is_more_than_numbers_is_an_error(
    canned: Canned, strict: Running, open_gateway: Running, route: str, body: Any
) -> None:
    canned.play(whole(body))
    asked = {"input": "a"} if "embed" in route else PAIRS if "score" in route else {}
    asked = asked or {"query": "a", "documents": ["b", "c"]}
    for gateway in (strict, open_gateway):
        told = ask(gateway, route, **asked)
        assert (told.status, told.error["code"]) == (502, "upstream_invalid")
        assert b"Crane" not in told.body


@pytest.mark.parametrize("bad", ["Alden Crane", "QWxkZW4=", written([float("nan")])])
def test_bytes_that_are_no_numbers_are_an_error(canned: Canned, client: openai.OpenAI, bad: str) -> None:
    canned.play(whole(embedded(bad)))
    with pytest.raises(openai.InternalServerError) as caught:
        client.embeddings.create(model="demo", input="A lamp.")
    assert caught.value.code == "upstream_invalid"


@pytest.mark.parametrize(
    ("route", "body", "named"),
    [
        ("/v1/embeddings", {}, "input"),
        ("/v1/embeddings", {"input": []}, "input"),
        ("/v1/embeddings", {"input": [1, 2]}, "input"),
        ("/v1/embeddings", {"input": ["a"] * 2001}, "input"),
        ("/v1/embeddings", {"input": "a", "messages": [{"role": "user", "content": "a"}]}, "messages"),
        ("/v1/embeddings", {"input": "a", "encoding_format": "bytes"}, "encoding_format"),
        ("/v1/embeddings", {"input": "a", "unheard_of": 1}, "unheard_of"),
        ("/v1/rerank", {"query": "a"}, "documents"),
        ("/v2/rerank", {"documents": ["a"]}, "query"),
        ("/rerank", {"query": "a", "documents": [{"text": "a"}]}, "documents[0]"),
        ("/score", {}, "text_1"),
        ("/v1/score", {"text_1": "a"}, "text_2"),
        ("/v1/score", {"text_1": "a", "queries": "b", "text_2": "c"}, "text_1"),
    ],
)
def test_bad_input_is_an_error_that_names_its_field(
    canned: Canned, strict: Running, route: str, body: dict[str, Any], named: str
) -> None:
    canned.play(whole({}))
    told = ask(strict, route, **body)
    assert (told.status, told.error["param"]) == (400, named)
    assert told.error["type"] == "invalid_request_error"
    assert not canned.asked


def test_an_error_of_the_model_server_is_told_unless_it_tells_what_is_forgotten(
    canned: Canned, client: openai.OpenAI
) -> None:
    for said, expected in (("input: too long.", "too long"), ("Alden Crane is too long.", "did not accept")):
        canned.play(whole({"error": {"message": said, "code": 400}}, status=400))
        with pytest.raises(openai.BadRequestError, match=expected) as caught:
            client.embeddings.create(model="demo", input="A lamp.")
        assert "Crane" not in str(caught.value)


def test_a_large_answer_is_read_in_the_other_process(canned: Canned, strict: Running, tmp_path: Path) -> None:
    vector = [0.125] * 2000
    texts = [f"A lamp {number}." for number in range(40)]
    canned.play(whole(embedded(*[vector for _ in texts])))
    told = ask(strict, "/v1/embeddings", input=texts).json
    assert [each["index"] for each in told["data"]] == list(range(40))
    assert told["data"][39]["embedding"] == vector
    canned.play(whole(embedded(*[vector for _ in texts], note="Alden Crane")))
    assert ask(strict, "/v1/embeddings", input=texts).status == 502


def test_a_stream_is_no_answer_of_numbers(canned: Canned, strict: Running) -> None:
    canned.play(stream(b"data: [DONE]\n\n"))
    assert ask(strict, "/v1/embeddings", input="A lamp.").error["code"] == "upstream_invalid"
