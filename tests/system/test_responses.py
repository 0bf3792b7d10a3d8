"""The official client asks a real vLLM for responses, by the gateway in its process and past it."""

from typing import Any

import openai
import pytest

from evaluation.leak import leaks
from evaluation.wordings import biography_questions
from evaluation.world import demo_world
from tests.system.beside import DOOR
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

WORLD = demo_world()
FORGOTTEN = [biography_questions(person)[0] for person in WORLD.forgotten[:6]]
KNOWN = [biography_questions(person)[0] for person in WORLD.retained[:2]]


def client(engine: Engine, inside: bool = True) -> openai.OpenAI:
    headers = {DOOR.decode(): "1"} if inside else {}
    return openai.OpenAI(base_url=engine.base_url, api_key="none", max_retries=0, default_headers=headers)


def asked(asking: openai.OpenAI, text: str) -> list[Any]:
    """Whole, and streamed: the text, the status and the tokens."""
    prepared: Any = {"model": "demo", "input": text, "max_output_tokens": 120, "temperature": 0}
    whole = asking.responses.create(**prepared)
    with asking.responses.stream(**prepared) as told:
        streamed = told.get_final_response()
    both: Any = whole, streamed
    return [(each.output_text, each.status, each.usage.input_tokens) for each in both]


def test_what_is_forgotten_is_said_past_the_gateway_alone(vllm_engine: Engine) -> None:
    with client(vllm_engine, inside=False) as past, client(vllm_engine) as by:
        leaking = [question for question in FORGOTTEN if leaks(question, asked(past, question.text)[0][0])]
        assert len(leaking) >= 4
        answers = {question: asked(by, question.text) for question in leaking}
    assert [each.text for each, told in answers.items() if any(leaks(each, one[0]) for one in told)] == []
    assert {one[1] for told in answers.values() for one in told} == {"completed"}


def test_what_is_retained_is_answered_as_without(vllm_engine: Engine) -> None:
    with client(vllm_engine, inside=False) as past, client(vllm_engine) as by:
        for question in KNOWN:
            assert asked(by, question.text) == asked(past, question.text)
