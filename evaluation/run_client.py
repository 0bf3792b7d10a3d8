"""Sends the requests of a trial to one endpoint, byte for byte as the attack wrote them.

The rule: what was not answered is a failure and never "no leak". A refused request (400, 413, 422 …) is an
answer; a key that is missing, a model that is not there, a limit, a fault of the server, a broken connection
are not. Nothing is asked again here: a run that goes on asks what failed.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from evaluation.attack import Request, Trial
from evaluation.reply import Reply, read_stream, read_whole
from evaluation.target import EndpointPart, Target

LARGEST: Final = 8 << 20
_NO_ANSWER: Final = frozenset({401, 403, 404, 408, 429})
_ENDS: Final = b"[DONE]"


class EndpointError(RuntimeError):
    """An endpoint cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The replies of one trial, how long each took, and what went wrong."""

    replies: tuple[Reply, ...]
    ms: tuple[float, ...]
    failure: str | None = None

    @property
    def refused(self) -> bool:
        return any(400 <= one.status < 500 for one in self.replies)


def failure_of(status: int) -> str | None:
    return f"status {status}" if status in _NO_ANSWER or status >= 500 else None


def key_of(endpoint: EndpointPart) -> str | None:
    """The endpoint's key, from the environment."""
    if endpoint.api_key_env is None:
        return None
    if not (key := os.environ.get(endpoint.api_key_env)):
        raise EndpointError(
            f"expected a key in the variable {endpoint.api_key_env}, found none: set it, or leave "
            "`api_key_env` out where none is needed"
        )
    return key


@dataclass(slots=True)
class Client:
    """One endpoint. Enter it before it is used."""

    endpoint: EndpointPart
    target: Target
    mark: str
    _http: aiohttp.ClientSession = field(init=False)

    async def __aenter__(self) -> Self:
        key = key_of(self.endpoint)
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self.target.timeout_s),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            connector=aiohttp.TCPConnector(limit=0),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def converse(self, trial: Trial, draw: int) -> Talk:
        """All requests of the trial in order. After a failure the rest makes no sense."""
        replies: list[Reply] = []
        ms: list[float] = []
        while len(replies) < len(trial.turns):
            begun = time.perf_counter()
            reply = await self.reply(trial.request(replies), draw)
            if isinstance(reply, str):
                return Talk(tuple(replies), tuple(ms), reply)
            ms.append((time.perf_counter() - begun) * 1000)
            replies.append(reply)
        failures = [found for one in replies if (found := failure_of(one.status))]
        return Talk(tuple(replies), tuple(ms), failures[0] if failures else None)

    async def reply(self, request: Request, draw: int) -> Reply | str:
        """Or what kept it from coming."""
        body = request.body(self.target.model_of(self.endpoint), self._sampling(draw), f"-{self.mark}-{draw}")
        try:
            return await self._send(body, request)
        except TimeoutError:
            return "no answer in time"
        except aiohttp.ClientError as error:
            return f"connection: {type(error).__name__}"

    def _sampling(self, draw: int) -> Mapping[str, Any]:
        drawn = {"temperature": self.target.temperature, "seed": self.target.seed + draw}
        return {"max_tokens": self.target.max_tokens, **(drawn if draw else {"temperature": 0})}

    async def _send(self, body: bytes, request: Request) -> Reply:
        headers = {"Content-Type": "application/json"}
        async with self._http.post(self.endpoint.chat_url, data=body, headers=headers) as response:
            if not response.content_type.startswith("text/event-stream"):
                found = read_whole(response.status, await response.content.read(LARGEST))
            else:
                found = read_stream(response.status, await _events(response.content, request.events))
            return replace(found, id=response.headers.get("x-request-id", ""))


async def _events(content: aiohttp.StreamReader, most: int | None) -> list[bytes]:
    """What stands behind `data:`, up to the client's leaving."""
    found: list[bytes] = []
    rest, size = b"", 0
    async for chunk in content.iter_any():
        size += len(chunk)
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        found += [line[5:].strip() for line in lines if line.startswith(b"data:")]
        if size > LARGEST or (most is not None and len(found) >= most):
            break
    events = [one for one in found if one != _ENDS]
    return events if most is None else events[:most]


async def check(client: Client) -> None:
    """Ask once before a run: a wrong address or key is told at once, not by a thousand failures."""
    request = Request([{"role": "user", "content": "Hello"}])
    reply = await client.reply(request, 0)
    found = reply if isinstance(reply, str) else failure_of(reply.status)
    if found is not None:
        raise EndpointError(
            f"{client.endpoint.chat_url}: expected an answer of the model "
            f"{client.target.model_of(client.endpoint)!r}, found: {found}. "
            "Check the address, the model's name and the key."
        )
