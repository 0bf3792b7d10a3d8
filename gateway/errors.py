"""Every failure that a client sees has the API's own error shape and says nothing of what was forgotten."""

import math
from dataclasses import dataclass

import orjson

Json = dict[str, object]


# Not frozen: `contextlib` sets the traceback of an exception that passes through it.
@dataclass(eq=False)
class ApiError(Exception):
    """`retry` is the hint to the official clients, which otherwise retry 408, 409, 429 and 5xx twice."""

    status: int
    message: str
    type: str
    param: str | None = None
    code: str | None = None
    retry: bool | None = None
    retry_after: str | None = None

    def body(self) -> Json:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}

    def encoded(self) -> bytes:
        return orjson.dumps(self.body())

    def headers(self) -> list[tuple[bytes, bytes]]:
        found = []
        if self.retry is not None:
            found.append((b"x-should-retry", b"true" if self.retry else b"false"))
        if self.retry_after is not None:
            found.append((b"retry-after", self.retry_after.encode("latin-1")))
        if self.status == 401:
            found.append((b"www-authenticate", b"Bearer"))
        return found


def bad_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, "invalid_request_error", param, code)


def unauthorized() -> ApiError:
    return ApiError(
        401,
        "Authorization: expected a known key, as in `Bearer KEY`, found another or none.",
        "authentication_error",
        code="invalid_api_key",
    )


def forbidden(message: str) -> ApiError:
    return ApiError(403, message, "permission_error", code="forbidden")


def no_route() -> ApiError:
    return ApiError(
        404, "The path: expected a listed route, found none.", "invalid_request_error", code="not_found"
    )


def wrong_method() -> ApiError:
    return ApiError(
        405,
        "The method: expected one that this route takes, found another.",
        "invalid_request_error",
        code="method_not_allowed",
    )


def no_model() -> ApiError:
    """Does not repeat the name: it is the client's text, and the list of names is at /v1/models."""
    return ApiError(
        404, "The model does not exist; see /v1/models.", "invalid_request_error", "model", "model_not_found"
    )


def too_large(limit: int) -> ApiError:
    return ApiError(
        413,
        f"The body: expected at most {limit} bytes, found more.",
        "invalid_request_error",
        code="body_too_large",
    )


def unsupported(message: str) -> ApiError:
    return ApiError(415, message, "invalid_request_error", code="unsupported_media_type")


def too_slow() -> ApiError:
    return ApiError(
        408,
        "The body: expected all of it in time, found less.",
        "invalid_request_error",
        code="timeout",
        retry=False,
    )


def bad_http() -> ApiError:
    return ApiError(
        400,
        "Expected an HTTP/1.1 request, found something else.",
        "invalid_request_error",
        code="invalid_http",
    )


def headers_too_large(limit: int) -> ApiError:
    return _headers(f"The request line and headers: expected at most {limit} bytes, found more.")


def too_many_headers(limit: int) -> ApiError:
    return _headers(f"The headers: expected at most {limit}, found more.")


def _headers(message: str) -> ApiError:
    return ApiError(431, message, "invalid_request_error", code="headers_too_large")


def slow_headers() -> ApiError:
    return ApiError(
        408,
        "The headers: expected all of them in time, found less.",
        "invalid_request_error",
        code="timeout",
        retry=False,
    )


def withheld(notice: str, param: str) -> ApiError:
    return ApiError(400, notice, "invalid_request_error", param, "content_filter")


def unavailable(message: str) -> ApiError:
    return ApiError(503, message, "server_error", code="unavailable")


def no_records() -> ApiError:
    return unavailable("The gateway cannot keep its records and serves nothing.")


def no_ledger() -> ApiError:
    return unavailable("The gateway cannot tell what is in force.")


def no_memory() -> ApiError:
    return unavailable("The gateway cannot tell what this session said before.")


def no_judge() -> ApiError:
    return ApiError(
        503, "The gateway could not judge this in time.", "server_error", code="unavailable", retry_after="1"
    )


def unsteered() -> ApiError:
    return unavailable("The model server does not steer, and nothing is served without.")


def too_many(limit: float, wait_s: float) -> ApiError:
    """The header wants whole seconds."""
    return _rate(f"{limit:g} requests in a minute", math.ceil(wait_s))


def too_many_at_once(limit: int) -> ApiError:
    return _rate(f"{limit} requests at a time", 1)


def _rate(limit: str, wait_s: int) -> ApiError:
    message = f"Rate limit: expected at most {limit}, found more."
    return ApiError(429, message, "requests", code="rate_limit_exceeded", retry_after=str(wait_s))


def no_tokens(limit: float) -> ApiError:
    """Tried again at once it would fail again."""
    return ApiError(
        429,
        f"Quota: expected at most {limit:g} tokens in a day, found more.",
        "insufficient_quota",
        code="insufficient_quota",
        retry=False,
    )


def overloaded() -> ApiError:
    return ApiError(503, "Too many requests at a time.", "server_error", code="overloaded", retry_after="1")


def ending() -> ApiError:
    """Another gateway behind the same address, or this one once it is back, may answer."""
    return ApiError(
        503, "The gateway is shutting down.", "server_error", code="shutting_down", retry_after="1"
    )


def upstream_down() -> ApiError:
    return ApiError(502, "The model server cannot be reached.", "server_error", code="upstream_unreachable")


def upstream_slow() -> ApiError:
    return ApiError(
        504, "The model server did not answer in time.", "server_error", code="upstream_timeout", retry=False
    )


def upstream_broken() -> ApiError:
    return ApiError(
        502,
        "The model server sent an answer that could not be checked.",
        "server_error",
        code="upstream_invalid",
        retry=False,
    )


def upstream_cut() -> ApiError:
    return ApiError(
        502, "The model server ended its answer early.", "server_error", code="upstream_incomplete"
    )


def failed() -> ApiError:
    return ApiError(
        500, "The answer could not be checked and was withheld.", "server_error", code="internal", retry=False
    )
