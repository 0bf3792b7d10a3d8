"""What a model server is asked for a request, it is told in which trace; each question is a span of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.protection import Protection
from policy.action import Action
from tests.gateway.canned import Asked, Canned, Script, completion, spoken, whole
from tests.gateway.rewriting.author import Author
from tests.gateway.running import CRANE, config_for, policy_of, protection_of, running
from tests.gateway.test_doubts import BEES, POLICY, answer, protected, start_of
from tests.gateway.tracing.collector import collecting, told

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SERVER, CLIENT = 2, 3
ABOUT = "Who is Alden Crane?"
LEAK = "He lives by the sea. He was born in Port Vellum. He likes his tea."
VECTOR = whole({"data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]})
Answers = Callable[[Asked], Script]
Body = dict[str, Any]


def of_crane(prompt: Action, answers: Action = Action.REDACT) -> Callable[[Path], Protection]:
    return lambda folder: protection_of(policy_of(CRANE, prompt=prompt, answer=answers), folder)


def chat(content: str, **fields: Any) -> Body:
    return {"model": "demo", "messages": [{"role": "user", "content": content}], **fields}


class Traced:
    """One request, continued from its client's trace, and what the model server and the collector heard."""

    def __init__(self, canned: Canned, folder: Path) -> None:
        self._canned, self._folder = canned, folder
        self.asked: list[Asked] = []
        self.spans: list[Any] = []

    def ask(
        self,
        answers: Answers,
        make: Callable[[Path], Protection],
        body: Body,
        path: str = "/v1/chat/completions",
        **config: Any,
    ) -> int:
        self._canned.asked.clear()
        self._canned.answers = answers
        headers = {"Content-Type": "application/json", "traceparent": f"00-{TRACE}-{SPAN}-01"}
        with collecting() as collector:
            tracing = {"endpoint": collector.endpoint}
            audit = self._folder / "audit.jsonl"
            settings = config_for(self._canned.base_url, audit, tracing=tracing, **config)
            with running(settings, make(self._folder / "snapshot")) as gateway:
                status = gateway.ask("POST", path, json.dumps(body).encode(), headers).status
                self.asked = list(self._canned.asked)
            self.spans = collector.spans()
        return status

    def of_kind(self, kind: int) -> list[Any]:
        return [span for span in self.spans if span.kind == kind]

    def parents(self) -> list[tuple[str, str]]:
        """Which trace and which span each question said."""
        named = [one.headers["traceparent"].split("-") for one in self.asked]
        return sorted((trace, span) for _, trace, span, _ in named)

    def calls(self) -> list[tuple[str, str]]:
        return sorted((span.trace_id.hex(), span.span_id.hex()) for span in self.of_kind(CLIENT))


@pytest.fixture
def traced(canned: Canned, tmp_path: Path) -> Iterator[Traced]:
    yield Traced(canned, tmp_path)
    canned.answers = None


def test_a_draft_its_candidates_and_who_rewrites_it(traced: Traced) -> None:
    author = Author(drafts=[LEAK], others=[LEAK], rewrites=[LEAK, "He lives by the sea."])
    rewritten = of_crane(Action.ALLOW, Action.REWRITE)
    assert traced.ask(author.answer, rewritten, chat(ABOUT), rewrite={"model": "author"}) == 200
    assert (len(author.candidates), len(author.rewriting)) == (2, 2)
    assert {trace for trace, _ in traced.parents()} == {TRACE}
    assert traced.parents() == traced.calls()
    assert len(set(traced.calls())) == 5
    models = [told(span)["gen_ai.request.model"] for span in traced.of_kind(CLIENT)]
    assert sorted(models) == ["author"] * 2 + ["demo"] * 3
    (own,) = traced.of_kind(SERVER)
    assert {span.parent_span_id for span in traced.of_kind(CLIENT)} == {own.span_id}


def test_a_candidate_that_fails_is_a_span_that_failed(traced: Traced) -> None:
    author = Author(drafts=[LEAK], others=[whole({}, 500)], rewrites=["He lives by the sea."])
    traced.ask(author.answer, of_crane(Action.ALLOW, Action.REWRITE), chat(ABOUT))
    assert sorted(span.status.code for span in traced.of_kind(CLIENT)) == [0, 0, 2, 2]
    assert [span.status.code for span in traced.of_kind(SERVER)] == [0]


@pytest.mark.parametrize("stream", [False, True])
def test_both_twins(traced: Traced, stream: bool) -> None:
    def says(asked: Asked) -> Script:
        return spoken("He was born in Port Vellum.", asked)

    body = chat("Alden Crane was born in Port Vellum.\nWhere was he born?", stream=stream)
    traced.ask(says, of_crane(Action.FLAG), body, twin_check=True)
    assert len(traced.asked) == 2
    assert {trace for trace, _ in traced.parents()} == {TRACE}
    assert traced.parents() == traced.calls()


ASKED: dict[str, tuple[str, Body, Script]] = {
    "embeddings": ("/v1/embeddings", {"model": "demo", "input": "A lamp."}, VECTOR),
    "reranking": (
        "/v1/rerank",
        {"model": "demo", "query": "A lamp?", "documents": ["A lamp."]},
        whole({"results": [{"index": 0, "relevance_score": 0.5, "document": {"text": "A lamp."}}]}),
    ),
    "scores": (
        "/v1/score",
        {"model": "demo", "text_1": "A lamp?", "text_2": "A lamp."},
        whole({"data": [{"index": 0, "object": "score", "score": 0.5}]}),
    ),
    "counts": (
        "/v1/messages/count_tokens",
        {"model": "demo", "messages": [{"role": "user", "content": "A lamp."}]},
        whole({"input_tokens": 3}),
    ),
    "completions": (
        "/v1/completions",
        {"model": "demo", "prompt": "A lamp"},
        whole({"choices": [{"index": 0, "text": ".", "finish_reason": "stop"}]}),
    ),
}


@pytest.mark.parametrize("way", ASKED)
def test_every_other_api(traced: Traced, way: str) -> None:
    path, body, script = ASKED[way]
    assert traced.ask(lambda _: script, of_crane(Action.REFUSE), body, path) == 200
    (call,) = traced.calls()
    assert traced.parents() == [call]
    assert call[0] == TRACE


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", chat(BEES)),
        ("/v1/checks", {"input": BEES}),
        ("/v1/embeddings", {"model": "demo", "input": BEES}),
    ],
)
def test_the_model_that_is_asked_in_doubt(
    traced: Traced, path: str, body: Body, tmp_path: Path, canned: Canned
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    with Canned() as judge:
        judge.play(answer("NO"))
        asking = start_of(file, judge)
        others = VECTOR if "embeddings" in path else whole(completion("A lamp."))
        assert traced.ask(lambda _: others, lambda at: protected(file, at, asking), body, path) == 200
        said = [one.headers["traceparent"] for one in judge.asked]
    (own,) = traced.of_kind(SERVER)
    assert set(said) == {f"00-{TRACE}-{own.span_id.hex()}-01"}
