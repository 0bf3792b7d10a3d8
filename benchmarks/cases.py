"""What is asked, and how much is forgotten: one case for each pair that a user would compare.

Rule: everything a measurement sends or forgets is made here, from fixed seeds.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.texts import answer, name, prompts, prose

MODEL = "demo"
EVENTS = 200
ANSWER_WORDS = EVENTS - 3
SHORT_WORDS = 30
BRIEF_WORDS = 20
# English has about four tokens for three words.
LONG_WORDS = 3_000
PASSAGE_WORDS = 100
QUESTIONS = 50


class Forgotten(StrEnum):
    NOTHING = "nothing"
    LITTLE = "little"
    MUCH = "much"
    MILLION = "million"


# A passage of 100 words has 93 windows.
PASSAGES = {
    Forgotten.NOTHING: 0,
    Forgotten.LITTLE: 10,
    Forgotten.MUCH: 1_000,
    Forgotten.MILLION: 10_753,
}


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    long: bool
    forgotten: Forgotten


CASES = (
    Case("plain", "short prompts, 1,000 forgotten words", long=False, forgotten=Forgotten.LITTLE),
    Case("long", "4,000-token prompts, 1,000 forgotten words", long=True, forgotten=Forgotten.LITTLE),
    Case("many", "short prompts, 100,000 forgotten words", long=False, forgotten=Forgotten.MUCH),
    Case("both", "4,000-token prompts, 100,000 forgotten words", long=True, forgotten=Forgotten.MUCH),
)


def bodies(long: bool, stream: bool) -> list[bytes]:
    asked = prompts(LONG_WORDS if long else SHORT_WORDS)
    return [_body(content, stream) for content in asked]


def _body(content: str, stream: bool) -> bytes:
    fields = {"model": MODEL, "messages": [{"role": "user", "content": content}], "stream": stream}
    return json.dumps(fields).encode()


def policy(forgotten: Forgotten, semantic: bool) -> str:
    """A policy file. JSON is YAML too."""
    entries = [_entry(number, semantic) for number in range(PASSAGES[forgotten])]
    detectors: dict[str, object] = {"semantic": {} if semantic else None}
    # The encoder takes some of the many sentences of a long prompt for forgotten; all are to be answered.
    rules = [{"when": {}, "prompt": "flag", "answer": "flag"}] if semantic else []
    return json.dumps({"version": 1, "entries": entries, "detectors": detectors, "rules": rules})


def _entry(number: int, semantic: bool) -> dict[str, object]:
    who = name(number)
    entry: dict[str, object] = {
        "id": f"entry-{number}",
        "reason": "privacy",
        "names": [who],
        "passages": [prose(PASSAGE_WORDS, seed=10_000 + number)],
        "secrets": [f"555-{number:05}-{number * 7919 % 10_000:04}"],
    }
    if number < QUESTIONS:
        entry["questions"] = [{"question": f"Where was {who} born?", "answer": name(number + 500_000)}]
    return entry


def events() -> list[bytes]:
    """A streamed answer as vLLM writes it: one event a token."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": token} for token in answer(ANSWER_WORDS))]
    said = [_event(delta, None) for delta in deltas]
    return [*said, _event({"content": ""}, "stop"), b"data: [DONE]\n\n"]


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    one = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish, "token_ids": None}
    return b"data: " + _json(_said("chat.completion.chunk", one)) + b"\n\n"


def whole(words: int) -> bytes:
    message: dict[str, object] = {
        "role": "assistant",
        "content": text(words),
        "refusal": None,
        "tool_calls": [],
    }
    one = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 40, "completion_tokens": words, "total_tokens": 40 + words}
    return _json(_said("chat.completion", one) | {"usage": usage})


def text(words: int = ANSWER_WORDS) -> str:
    return "".join(answer(words))


def _said(kind: str, choice: dict[str, object]) -> dict[str, object]:
    shown = {"id": "chatcmpl-a32dd294491529c3", "object": kind, "created": 1795371461, "model": MODEL}
    return shown | {"choices": [choice]}


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
