"""How the events of a message and its errors stand on the line.

Rule: an error has the words that the API has for its status, and nothing of the gateway's own but its text.
"""

from gateway.errors import ApiError, Json
from gateway.wire.framing import EventFraming

KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
FIELDS = {"text_delta": "text", "thinking_delta": "thinking"}


class MessagesFraming(EventFraming):
    def __init__(self) -> None:
        super().__init__(numbered=False)

    def joined(self, first: Json, second: Json) -> Json | None:
        one, other = _delta(first), _delta(second)
        name = FIELDS.get(str(one.get("type")))
        if name is None or one.get("type") != other.get("type") or first | {"delta": other} != second:
            return None
        return first | {"delta": one | {name: f"{one[name]}{other[name]}"}}

    def error(self, error: ApiError) -> Json:
        kind = KINDS.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": error.message}}


def _delta(event: Json) -> Json:
    delta = event.get("delta")
    return delta if isinstance(delta, dict) else {}
