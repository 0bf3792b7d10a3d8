"""What the model server is asked when an answer is to be written anew.

Rule: nothing that was taken out of a draft is said to the model that rewrites it.
"""

from collections.abc import Sequence

import orjson

from filters.regions import REMOVED
from gateway.config_rewrite import Rewrite
from gateway.errors import Json

# Below it the same request gets the same answer.
WARM = 0.7
LENGTHS = ("max_tokens", "max_completion_tokens")
STREAM = ("stream", "stream_options")

TASK = (
    f"You are given the draft of an answer. Where it says {REMOVED}, something was taken out. Write the "
    "draft anew as one fluent text that does without it: leave out each sentence that makes no sense without "
    "what was taken out. Add nothing, do not guess what it was, and do not mention that anything is missing. "
    "Give the text alone. If nothing is left to say, write exactly: "
)


def whole(asked: Json) -> bytes:
    """The same request, answered in one piece."""
    return orjson.dumps({name: value for name, value in asked.items() if name not in STREAM})


def candidate(asked: Json, settings: Rewrite, lengths: Sequence[str]) -> bytes:
    """The same request once more, for one answer that differs."""
    body = {name: value for name, value in asked.items() if name not in (*STREAM, "n", "seed")}
    warmth = body.get("temperature")
    if isinstance(warmth, int | float) and warmth < WARM:
        body["temperature"] = WARM
    return orjson.dumps(_bounded(body, settings, lengths))


def kept(asked: Json, lengths: Sequence[str]) -> Json:
    """What a request for rewriting takes over from the request whose answer it is, by chat's names."""
    found = {name if name in LENGTHS else LENGTHS[0]: asked[name] for name in lengths if name in asked}
    found["stop"] = asked.get("stop")
    return {name: value for name, value in found.items() if value is not None}


def rewriting(draft: str, model: str, notice: str, kept: Json, settings: Rewrite) -> bytes:
    """The request for a draft without its gaps; the gaps are where the notice stands."""
    body: Json = {
        "model": model,
        "messages": [
            {"role": "system", "content": TASK + notice},
            {"role": "user", "content": draft.replace(notice, REMOVED)},
        ],
        "temperature": 0,
    }
    return orjson.dumps(_bounded(body | kept, settings, LENGTHS))


def says_something(draft: str, notice: str) -> bool:
    """Whether anything is left beside the notice."""
    return any(map(str.isalnum, draft.replace(notice, "")))


def _bounded(body: Json, settings: Rewrite, lengths: Sequence[str]) -> Json:
    named = [name for name in lengths if isinstance(body.get(name), int)] or lengths[:1]
    for name in named:
        wanted = body.get(name)
        body[name] = min(wanted, settings.tokens) if isinstance(wanted, int) else settings.tokens
    return body
