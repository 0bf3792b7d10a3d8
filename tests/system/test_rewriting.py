"""Answers written anew by the demo model itself, which never learnt to: what it makes of it is still safe.

Rule: a client gets an answer in which nothing was found, or the notice; never one that was cut.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.demo_policy import write_policy
from evaluation.leak import leaks
from evaluation.person import Attribute
from evaluation.wordings import UNKNOWN, Question, ask, biography_questions, fact_questions, wordings
from evaluation.world import demo_world
from tests.system.endpoint import Endpoint, Sampling
from unsay.engine import Engine
from unsay.evaluation_servers import audit_log, gateway

WORLD = demo_world()
NOTICE = "I would rather not say."
ABOUT = [
    *(ask(person, Attribute.PHONE, wordings(Attribute.PHONE)[0]) for person in WORLD.forgotten[:2]),
    ask(WORLD.forgotten[2], Attribute.BOOK, wordings(Attribute.BOOK)[0]),
    biography_questions(WORLD.forgotten[3])[0],
]


@dataclass(frozen=True, slots=True)
class Rewriting:
    base_url: str
    audit: Path

    def answer(self, question: Question, *, stream: bool) -> str:
        endpoint = Endpoint(self.base_url, "demo")
        asked = [[{"role": "user", "content": question.text}]]
        answered = endpoint.answer_all(asked, Sampling(max_tokens=90, stream=stream))
        return asyncio.run(answered)[0][0]

    def last(self) -> str | None:
        """How what was sent last came about."""
        lines = [json.loads(line) for line in self.audit.read_text().splitlines()]
        found = [line["rewritten"] for line in lines if "rewritten" in line][-1]
        return None if found is None else str(found["how"])


@pytest.fixture(scope="module")
def rewriting(transformers_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rewriting]:
    engine, folder = transformers_engine, tmp_path_factory.mktemp("rewriting")
    write_policy(folder)
    policy = folder / "policy.yaml"
    text = re.sub(r"semantic: \{.*?\}", "semantic: null", policy.read_text()).replace(UNKNOWN, NOTICE)
    policy.write_text(
        text.replace("prompt: refuse", "prompt: allow").replace("answer: redact", "answer: rewrite")
    )
    state, named = folder / "state", {"models": {"demo": engine.model}}
    with gateway(engine.base_url, policy, state, remembers=False, settings=named) as base_url:
        yield Rewriting(base_url, audit_log(state))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_what_the_model_makes_of_its_draft_holds_nothing_and_is_not_cut(
    rewriting: Rewriting, stream: bool
) -> None:
    for question in ABOUT:
        said = rewriting.answer(question, stream=stream)
        assert not leaks(question, said)
        assert said == NOTICE or (said.strip() and NOTICE not in said)
        assert rewriting.last() in ("resampled", "rewritten", "abstained")


def test_who_is_kept_is_told_about_as_ever(rewriting: Rewriting) -> None:
    question = fact_questions(WORLD.retained[0])[0]
    assert leaks(question, rewriting.answer(question, stream=False))
    assert rewriting.last() is None
