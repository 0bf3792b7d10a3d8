"""Requests for text completions.

Rule: an answer goes on with its prompt, in the middle of a word if it must, so each prompt says which choices
go on with it. Where the prompt is asked for once more in front of the answer, it is guarded with the answer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from filters.segment import Segment
from gateway.config import Limits
from gateway.wire.contract import Contract
from gateway.wire.reading import Reading, expected, read
from gateway.wire.request import Request, formatted, named, parsed, size_of
from gateway.wire.spelled import spelled

PROMPT = "prompt"


def read_completion(contract: Contract, raw: bytes, limits: Limits, strip_unknown: bool = False) -> Request:
    value = spelled(parsed(raw), PROMPT, limits.tokenizer)
    reading = read(contract, value, strip_unknown, limits.media)
    _check(reading, limits)
    body, (prompts, each) = reading.body, _counts(reading)
    options, model = body.get("stream_options"), body.pop("model", None)
    return Request(
        body=body,
        segments=reading.segments if body.get("echo") else tuple(_begun(reading.segments, each)),
        model=model if isinstance(model, str) else None,
        stream=body.get("stream") is True,
        choices=prompts * each,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        machine_read=formatted(body),
        size=size_of(reading.segments),
        user=named(value, "user"),
    )


def _begun(segments: Iterable[Segment], each: int) -> Iterator[Segment]:
    """The first choice of each prompt put down."""
    for segment in segments:
        match segment.path:
            case ("prompt",):
                yield replace(segment, begins=0, goes_on=True)
            case ("prompt", int(place)):
                yield replace(segment, begins=place * each, goes_on=True)
            case _:
                yield segment


def _counts(reading: Reading) -> tuple[int, int]:
    """How many prompts there are, and how many answers to each are wanted."""
    prompt, n = reading.body[PROMPT], reading.body.get("n")
    return len(prompt) if isinstance(prompt, list) else 1, n if isinstance(n, int) else 1


def _check(reading: Reading, limits: Limits) -> None:
    prompts, each = _counts(reading)
    if not prompts:
        raise expected("at least one prompt", (PROMPT,), "none")
    if not 1 <= each <= limits.choices:
        raise expected(f"1 to {limits.choices}", ("n",), "less" if each < 1 else "more")
    if prompts * each > limits.choices:
        raise expected(f"at most {limits.choices} answers to all prompts", (PROMPT,), str(prompts * each))
    if reading.body.get("stream_options") and reading.body.get("stream") is not True:
        raise expected("none while stream is not true", ("stream_options",), "some")
