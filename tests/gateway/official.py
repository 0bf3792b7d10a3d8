"""What the official client makes of an answer: it is given the bytes that the gateway sent."""

from typing import Any

import httpx2
import openai
import pytest

from tests.gateway.running import Answered

RAISED: dict[int, type[openai.APIError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}


def class_for(status: int) -> type[openai.APIError]:
    if status >= 500:
        return openai.InternalServerError
    return RAISED.get(status, openai.APIStatusError if status >= 400 else openai.APIError)


def raised_for(answered: Answered, streamed: bool) -> openai.APIError:
    """The error that the client raises for an answer; of the class that fits its status."""
    with pytest.raises(openai.APIError) as caught:
        _ask(answered, streamed)
    assert type(caught.value) is class_for(answered.status)
    assert caught.value.code is not None
    return caught.value


def _ask(answered: Answered, streamed: bool) -> None:
    def handle(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(answered.status, headers=answered.headers, content=answered.body)

    transport = httpx2.Client(transport=httpx2.MockTransport(handle))
    messages: Any = [{"role": "user", "content": "Hello!"}]
    with openai.OpenAI(
        base_url="http://gateway/v1", api_key="k", max_retries=0, http_client=transport
    ) as asking:
        if streamed:
            list(asking.chat.completions.create(model="demo", messages=messages, stream=True))
        else:
            asking.chat.completions.create(model="demo", messages=messages)
