"""Text completions of a real vLLM: who asks by the gateway does not learn what the model knows."""

from collections.abc import Callable
from typing import Any

import pytest
from openai import OpenAI

from evaluation.leak import leaks
from evaluation.wordings import Question
from tests.system.test_inside import FORGOTTEN, KNOWN, Inside
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

GREEDY: dict[str, Any] = {"model": "demo", "temperature": 0, "max_tokens": 120}
ASKED = FORGOTTEN[:5]


@pytest.fixture
def inside(vllm_engine: Engine) -> Inside:
    return Inside(vllm_engine)


def prompt(question: Question, begun: str = "") -> str:
    """As the model's template writes a conversation; the answer has begun already."""
    return f"<|begin|><|user|>{question.text}<|end|><|assistant|>{begun}"


def whole(client: OpenAI, prompts: list[str], **rest: Any) -> list[str]:
    return [each.text for each in client.completions.create(prompt=prompts, **GREEDY, **rest).choices]


def streamed(client: OpenAI, prompts: list[str], **rest: Any) -> list[str]:
    texts = [""] * len(prompts)
    for chunk in client.completions.create(prompt=prompts, stream=True, **GREEDY, **rest):
        for each in chunk.choices:
            texts[each.index] += each.text
    return texts


@pytest.mark.parametrize("ask", [whole, streamed])
def test_what_the_model_knows_it_says_past_the_gateway_alone(
    inside: Inside, ask: Callable[..., list[str]]
) -> None:
    prompts = [prompt(question) for question in ASKED]
    told = ask(inside.client(inside=False), prompts)
    assert sum(map(leaks, ASKED, told)) >= 4
    assert not any(map(leaks, ASKED, ask(inside.client(), prompts)))
    assert inside.records[-1]["route"] == "completions"


def test_no_answer_ends_what_its_prompt_began(inside: Inside) -> None:
    """Each prompt says all of the answer but the end of what must not be said, in the middle of a word."""
    told = whole(inside.client(inside=False), [prompt(question) for question in ASKED])
    begun = [_until_it_leaks(question, text) for question, text in zip(ASKED, told, strict=True)]
    prompts = [prompt(question, text) for question, text in zip(ASKED, begun, strict=True)]
    past = whole(inside.client(inside=False), prompts)
    assert any(map(leaks, ASKED, map(str.__add__, begun, past)))
    by = [*whole(inside.client(), prompts), *streamed(inside.client(), prompts)]
    assert not any(map(leaks, [*ASKED, *ASKED], map(str.__add__, [*begun, *begun], by)))


def _until_it_leaks(question: Question, text: str) -> str:
    """All but the last character that it takes."""
    ends = (end for end in range(len(text)) if leaks(question, text[: end + 1]))
    return text[: next(ends, len(text))]


def test_what_is_retained_is_answered_as_without(inside: Inside) -> None:
    prompts, by, past = [prompt(question) for question in KNOWN], inside.client(), inside.client(inside=False)
    for how in ({}, {"echo": True}):
        assert whole(by, prompts, **how) == whole(past, prompts, **how)
        assert streamed(by, prompts, **how) == streamed(past, prompts, **how)
