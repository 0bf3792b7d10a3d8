"""A name that is cut over texts which the model reads as one is found, by every API that prints them so."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.prompt import PromptScanner
from gateway.config import Limits
from gateway.wire.cut_words import whole_text, whole_texts
from gateway.wire.wires import wires
from policy.action import Action
from tests.gateway.running import CRANE, policy_of
from tests.gateway.wire.asking import scanner_of

HELLO = {"role": "user", "content": "Hello!"}
ONE, OTHER = "It is Al", "den Crane."


def text(said: str, kind: str = "text") -> dict[str, Any]:
    return {"type": kind, "text": said}


def thought(said: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": said}


def refusal(said: str) -> dict[str, Any]:
    return {"type": "refusal", "refusal": said}


def said(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [HELLO, {"role": "assistant", "content": [*parts]}, HELLO]}


def system(*texts: str) -> dict[str, Any]:
    return {"system": [*map(text, texts)], "messages": [HELLO]}


def inline(first: str, second: str) -> dict[str, Any]:
    told = [{"role": "system", "content": each} for each in (first, second)]
    return {"messages": [told[0], HELLO, told[1], HELLO]}


HEADER = "x-anthropic-billing-header: 1"
LEAST: dict[str, dict[str, Any]] = {"messages": {"max_tokens": 5}}
CUT: dict[str, tuple[str, dict[str, Any]]] = {
    "two texts": ("chat", said(text(ONE), text(OTHER))),
    "a text and a refusal": ("chat", said(text(ONE), refusal(OTHER))),
    "a text and a thought": ("chat", said(text(ONE), thought(OTHER))),
    "texts with a thought in between": ("chat", said(text(ONE), thought("So. "), text(OTHER))),
    "before the mark on a letter": ("chat", said(text("It is Al"), text("\u0301den Crane."))),
    "after what nobody sees": ("chat", said(text("It is Al\u2060"), text("\u2060den Crane."))),
    "three texts": ("chat", said(text("It is Al"), text("de"), text("n Crane."))),
    "two thoughts": ("messages", said(thought(ONE), thought(OTHER))),
    "thoughts with a text in between": ("messages", said(thought(ONE), text("So. "), thought(OTHER))),
    "two blocks of the system": ("messages", system(ONE, OTHER)),
    "blocks of which one is left out": ("messages", system(ONE, HEADER, OTHER)),
    "the system and a message of its own": (
        "messages",
        {"system": ONE, "messages": [{"role": "system", "content": OTHER}, HELLO]},
    ),
    "two messages of the system": ("messages", inline(ONE, OTHER)),
    "a message of the system, and blocks": (
        "messages",
        {"system": ONE, "messages": [{"role": "system", "content": [text(HEADER), text(OTHER)]}, HELLO]},
    ),
    "the parts of an item": (
        "responses",
        {"input": [{"role": "assistant", "content": [text(ONE, "output_text"), refusal(OTHER)]}]},
    ),
    "the parts of a thought": (
        "responses",
        {"input": [{"type": "reasoning", "id": "r", "summary": [],
                    "content": [text(ONE, "reasoning_text"), text(OTHER, "reasoning_text")]}]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> PromptScanner:
    return scanner_of(policy_of(CRANE), tmp_path_factory.mktemp("cut"))


def action(scanner: PromptScanner, wire: str, body: dict[str, Any]) -> Action:
    asked = wires()[wire].read(json.dumps(LEAST.get(wire, {}) | body).encode(), Limits())
    return scanner.scan(asked.segments).action


@pytest.mark.parametrize("case", CUT)
def test_a_name_cut_over_what_is_printed_as_one_is_found(case: str, scanner: PromptScanner) -> None:
    wire, body = CUT[case]
    assert action(scanner, wire, body) is Action.REFUSE
    half = json.loads(json.dumps(body).replace("n Crane", "n lamp"))
    assert action(scanner, wire, half) is Action.ALLOW, "nothing but the whole name is forgotten"


@given(st.lists(st.text(st.sampled_from("ab ,\u0301'7é"), max_size=3), max_size=5))
def test_texts_are_joined_only_where_a_word_is_cut(texts: list[str]) -> None:
    whole = whole_text(texts)
    assert whole in ("", "".join(texts))
    spaced = [f"{each} " for each in texts]
    assert whole_text(spaced) == ""


def test_a_long_run_of_marks_is_passed_over_in_one_go() -> None:
    marks = "\u0301" * 200_000
    assert [*whole_texts([text("a" + marks)] * 3)] == [("a" + marks) * 3]
