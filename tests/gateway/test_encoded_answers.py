"""Answers in codes, over the wire: streamed and whole, in every channel and in the arguments of tools."""

import base64
import json
from typing import Any

import pytest

from evaluation.codes import CODES
from tests.gateway.canned import DONE, Canned, chunk, said, stream, whole
from tests.gateway.running import NOTICE, Running

NAME, WINDOW = "Alden Crane", "kept bees behind the old customs house. His best"
ON_THE_WIRE = ["Base64", "hexadecimal", "ROT13", "reversed letters", "Morse code", "one letter per line"]


def answers(canned: Canned, gateway: Running, text: str) -> list[str]:
    """What comes of the same answer streamed and whole."""
    canned.play(stream(*said([text[at : at + 4] for at in range(0, len(text), 4)]), DONE))
    streamed = gateway.chat(stream=True).text()
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    canned.play(whole({"id": "x", "object": "chat.completion", "model": "m", "choices": [choice]}))
    return [streamed, gateway.chat().json["choices"][0]["message"]["content"]]


@pytest.mark.parametrize("title", ON_THE_WIRE)
@pytest.mark.parametrize("text", [NAME, WINDOW])
def test_nothing_decodable_comes_out(
    title: str, text: str, canned: Canned, strict: Running, open_gateway: Running
) -> None:
    encoded = f"Here it is:\n{CODES[title].encode(text)}\nThat is all."
    for sent in answers(canned, strict, encoded):
        assert NOTICE in sent
        assert all(text.lower() not in reading.lower() for reading in CODES[title].read(sent))
    assert answers(canned, open_gateway, encoded) == [encoded, encoded]


@pytest.mark.parametrize("title", ON_THE_WIRE)
def test_what_nobody_forgot_comes_out_in_every_code(title: str, canned: Canned, strict: Running) -> None:
    encoded = f"Here it is:\n{CODES[title].encode('Basil Thorne keeps geese')}\nThat is all."
    assert answers(canned, strict, encoded) == [encoded, encoded]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning": base64.b64encode(NAME.encode()).decode()},
        {"refusal": NAME[::-1]},
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "1",
                    "type": "function",
                    "function": {
                        "name": "say",
                        "arguments": json.dumps(
                            {"a": json.dumps({"b": base64.b64encode(NAME.encode()).decode()})}
                        ),
                    },
                }
            ]
        },
    ],
)
def test_no_channel_is_left_out(delta: dict[str, Any], canned: Canned, strict: Running) -> None:
    canned.play(stream(chunk(delta), chunk({}, "stop"), DONE))
    body = strict.chat(stream=True).body.decode()
    assert "QWxkZW4gQ3JhbmU" not in body
    assert NAME[::-1] not in body
