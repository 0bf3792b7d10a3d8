"""Errors of the model server, told in the API's shape.

Rule: their text may repeat the prompt or name what is hidden, so it is guarded like an answer, and a text of
which anything would be withheld is replaced as a whole.
"""

import orjson

from filters.answer_guard import PLAIN_PART, TextKey
from gateway import errors
from gateway.answer import Answer
from gateway.errors import ApiError
from gateway.upstream.client import ERROR_BYTES, Reply
from policy.surface import Channel

PASSED = frozenset({400, 409, 413, 422, 429, 500, 501, 503})
LENGTH = 2000

# A text of its own, apart from those of the choices.
KEY = TextKey(0, Channel.ARGUMENTS, 8 * PLAIN_PART)

GENERIC = "The model server did not accept the request."
UPSTREAM_ERROR = "upstream_error"


async def checked_error(reply: Reply, answer: Answer) -> ApiError:
    status, body = reply.status, await reply.body(ERROR_BYTES)
    if status == 404:
        return errors.no_model()
    if status not in PASSED:
        return errors.upstream_broken()
    message = await _checked(_message(body), answer) or GENERIC
    kind = "invalid_request_error" if status < 500 and status != 429 else "server_error"
    return ApiError(status, message, kind, code=UPSTREAM_ERROR, retry_after=reply.retry_after)


async def checked_event(message: str, answer: Answer) -> ApiError:
    """An error that came as an event of a stream."""
    text = await _checked(message, answer)
    return ApiError(502, text or "The model server failed.", "server_error", code=UPSTREAM_ERROR, retry=False)


def _message(body: bytes) -> str:
    """The text of an error in any of the usual shapes."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if isinstance(data, dict):
        data = data.get("error", data.get("message", data.get("detail", "")))
    if isinstance(data, dict):
        data = data.get("message", "")
    return data if isinstance(data, str) else ""


async def _checked(text: str, answer: Answer) -> str:
    text = text[:LENGTH]
    return text if text and await answer.clean(KEY, text) else ""
