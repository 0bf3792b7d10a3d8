"""What the model server is asked when an answer is to be written anew.

Rule: nothing that was taken out of a draft is said to the model that rewrites it.
"""

import orjson

from filters.regions import REMOVED
from gateway.config import Rewrite
from gateway.errors import Json

# Below it the same request gets the same answer.
WARM = 0.7
KEPT = ("stop", "max_tokens", "max_completion_tokens")
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


def candidate(asked: Json, settings: Rewrite) -> bytes:
    """The same request once more, for one answer that differs."""
    body = {name: value for name, value in asked.items() if name not in (*STREAM, "n", "seed")}
    warmth = body.get("temperature")
    if isinstance(warmth, int | float) and warmth < WARM:
        body["temperature"] = WARM
    return orjson.dumps(_bounded(body, settings))


def rewriting(draft: str, model: str, notice: str, asked: Json, settings: Rewrite) -> bytes:
    """The request for a draft without its gaps; the gaps are where the notice stands."""
    body: Json = {
        "model": model,
        "messages": [
            {"role": "system", "content": TASK + notice},
            {"role": "user", "content": draft.replace(notice, REMOVED)},
        ],
        "temperature": 0,
    }
    body |= {name: asked[name] for name in KEPT if asked.get(name) is not None}
    return orjson.dumps(_bounded(body, settings))


def says_something(draft: str, notice: str) -> bool:
    """Whether anything is left beside the notice."""
    return any(map(str.isalnum, draft.replace(notice, "")))


def _bounded(body: Json, settings: Rewrite) -> Json:
    named = [name for name in KEPT[1:] if isinstance(body.get(name), int)] or ["max_tokens"]
    for name in named:
        wanted = body.get(name)
        body[name] = min(wanted, settings.tokens) if isinstance(wanted, int) else settings.tokens
    return body
