"""A forgotten text in any place of a text completion, of a vector, a rank or a score comes out of no API."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.config import Limits
from gateway.errors import ApiError
from gateway.protection import Protection
from gateway.stream import Stream
from gateway.whole import whole_answer
from gateway.wire.answer import Heard, Said, WireError
from gateway.wire.completions.wire import completions
from gateway.wire.measures import measures
from gateway.wire.writer import Frame
from tests.gateway.running import CRANE, policy_of, protection_of
from tests.gateway.test_leaks import WINDOWS, answer_of, leaked, refusal, strings
from tests.gateway.wire.leaves import planted

TEXT = f"Well, {WINDOWS[10]} and call 555-201-3391, Alden Crane."
FRAME, END = Frame("a_1", 1, "demo"), Heard([Said(0, [], "stop")])
NAMED = {"id": "upstream", "object": "list", "created": 1, "model": "demo"}
USAGE = {
    "prompt_tokens": 3,
    "completion_tokens": 2,
    "total_tokens": 5,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
CHOICE = {
    "index": 0,
    "text": "A lamp.",
    "finish_reason": "stop",
    "stop_reason": "lamp",
    "logprobs": {"tokens": ["A"], "token_logprobs": [0.5], "top_logprobs": [{"A": 0.5}], "text_offset": [0]},
    "token_ids": [1],
    "prompt_token_ids": [2],
    "prompt_logprobs": [{"2": {"logprob": 0.5, "decoded_token": "A"}}],
    "routed_experts": "AA==",
}
ENGINE = {
    "system_fingerprint": "v",
    "service_tier": "auto",
    "kv_transfer_params": {"a": "b"},
    "metrics": {"a": 1},
}
COMPLETION = {**NAMED, "choices": [CHOICE], "usage": USAGE, **ENGINE}
# Of each API: what was asked, and all that the answer may hold.
NUMBERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "embeddings": (
        {"input": "a", "encoding_format": "base64"},
        {**NAMED, "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1]}], "usage": USAGE},
    ),
    "rerank": (
        {"query": "a", "documents": ["b"]},
        {
            **NAMED,
            "results": [{"index": 0, "relevance_score": 0.5, "document": {"text": "b", "multi_modal": None}}],
            "usage": USAGE,
        },
    ),
    "score": (
        {"text_1": "a", "text_2": "b"},
        {**NAMED, "data": [{"object": "score", "index": 0, "score": 0.5}], "usage": USAGE},
    ),
}


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    return protection_of(policy_of(CRANE), tmp_path_factory.mktemp("leaves"))


async def told(protection: Protection, value: Any, streamed: bool) -> list[Any]:
    """All that a client gets of a text completion that says this and then ends."""
    wire = completions()
    request = wire.read(orjson.dumps({"prompt": "Hello!", "stream": streamed}), Limits())
    answer, writer = answer_of(protection, request), wire.writer(FRAME, request)
    try:
        heard = wire.heard(orjson.dumps(value), 1, streamed)
        if streamed:
            stream = Stream(answer, writer, refusal(), request)
            sent = await stream.events(heard)
            return [*sent, *([] if stream.complete else await stream.events(END)), *stream.last()]
        whole = await whole_answer(heard, answer, refusal(), 1)
        return [writer.whole(whole.choices, whole.usage)]
    except (WireError, ApiError) as error:
        return [str(error)]


@pytest.mark.parametrize("streamed", [False, True])
def test_no_place_of_a_text_completion_lets_it_out(
    protection: Protection, streamed: bool, tmp_path: Path
) -> None:
    tried = list(planted(COMPLETION, TEXT))
    assert len(tried) > 100
    out = [path for path, value in tried if leaked(strings(asyncio.run(told(protection, value, streamed))))]
    assert out == []
    nothing = protection_of(policy_of(), tmp_path)
    out = [path for path, value in tried if leaked(strings(asyncio.run(told(nothing, value, streamed))))]
    assert out == [("choices", 0, "text")], "only the text itself is ever sent on"


@pytest.mark.parametrize("name", NUMBERS)
def test_no_place_of_an_answer_of_numbers_lets_it_out(name: str) -> None:
    """Even where nothing is forgotten: no string of the model server's is ever sent on."""
    sent, body = NUMBERS[name]
    measure, asked = measures()[name], orjson.dumps(sent)
    clean = orjson.loads(measure.told(orjson.dumps(body), asked, FRAME))
    assert clean["model"] == "demo"
    refused, tried = 0, list(planted(body, TEXT))
    for _, value in tried:
        try:
            told = orjson.loads(measure.told(orjson.dumps(value), asked, FRAME))
        except WireError:
            refused += 1
        else:
            assert not leaked(strings(told))
            assert told.keys() == clean.keys()
    assert 0 < refused < len(tried)
