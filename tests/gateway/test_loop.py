"""No text, however large and whatever it is made of, holds up the answers of others.

Each is tried up to three times: what else the machine does is not there every time, a loop that is held is.
"""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from policy.action import Action
from tests.gateway.beating_gateway import Beating, beating
from tests.gateway.canned import DONE, Canned, said, stream, whole

# A fifth of a second where the machine is as fast as most; MOST_PACES where it is slower.
MOST_S, MOST_PACES = 0.2, 8.0
TRIES = 3
SIZE = int(os.environ.get("UNSAY_LARGE_TEXT", "80000"))

TEXTS = {
    "prose": "The lamp turns slowly, and every tower has a rhythm of its own. ",
    "digits": "5552013391",
    "spaced digits": "5 5 5 2 0 ",
    "capitals": "ALDEN CRANES ",
    "one endless word": "a",
    "one endless sentence": "lamp ",
    "a name": "Alden Crane. ",
    "a name in pieces": "Alden\n",
    "nearly a passage": "wrote mystery novels by lamplight and kept ",
    "Chinese": "灯塔慢慢地转",
    "marks": "\u0301",
    "quotes": '"\\',
    "line ends": "\n",
}


def text_of(what: str, size: int = SIZE) -> str:
    return (TEXTS[what] * (size // len(TEXTS[what]) + 1))[:size]


@pytest.fixture(scope="module")
def gateway(canned: Canned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beating]:
    with beating(canned.base_url, tmp_path_factory.mktemp("beating"), Action.FLAG) as one:
        yield one


def body_of(content: Any, **fields: Any) -> bytes:
    return json.dumps(
        {"model": "demo", "messages": [{"role": "user", "content": content}], **fields}
    ).encode()


def parts(text: str, size: int) -> list[dict[str, str]]:
    return [{"type": "text", "text": text[start : start + size]} for start in range(0, len(text), size)]


PROMPTS: dict[str, Any] = {what: text_of(what) for what in TEXTS} | {
    "many small parts": parts(text_of("prose"), 20),
    "many names in parts": parts(text_of("a name"), 13),
}


def is_not_held(gateway: Beating, asked: Callable[[], None]) -> None:
    held, most = list[float](), max(MOST_S, MOST_PACES * gateway.pace_s)
    while len(held) < TRIES and min(held, default=most) >= most:
        gateway.held_s()
        asked()
        held.append(gateway.held_s())
    assert min(held) < most, held


@pytest.mark.parametrize("what", PROMPTS)
def test_a_large_prompt_does_not_hold_the_loop(what: str, gateway: Beating, canned: Canned) -> None:
    canned.play(stream(*said(["Yes."]), DONE))

    def asked() -> None:
        answered = gateway.post(body_of(PROMPTS[what], stream=True))
        assert answered.status == 200, answered.body
        assert answered.text() == "Yes."

    is_not_held(gateway, asked)


@pytest.mark.parametrize("what", TEXTS)
def test_a_large_answer_does_not_hold_the_loop(what: str, gateway: Beating, canned: Canned) -> None:
    text = text_of(what)
    canned.play(whole({"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}))

    def asked() -> None:
        assert gateway.chat().json["choices"][0]["message"]["content"] == text

    is_not_held(gateway, asked)


@pytest.mark.parametrize("what", TEXTS)
def test_a_large_event_does_not_hold_the_loop(what: str, gateway: Beating, canned: Canned) -> None:
    text = text_of(what)
    canned.play(stream(*said([text]), DONE))

    def asked() -> None:
        assert gateway.chat(stream=True).text() == text

    is_not_held(gateway, asked)
