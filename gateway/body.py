"""A request's body, read with a limit on its size, its time and what all bodies hold together."""

import asyncio
import re

from starlette.types import Message, Receive, Scope

from gateway.config import Limits
from gateway.errors import too_large, too_slow, unsupported
from gateway.limits.bodies import Load

JSON_TYPE = re.compile(rb'\s*application/json\s*(;\s*charset="?utf-?8"?\s*)?(;\s*)?', re.IGNORECASE)


class ClientGone(Exception):
    """The client left; there is nobody to answer."""


def header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """All of that name: readers differ in which one of several they believe."""
    return [value for key, value in scope["headers"] if key == name]


async def read_body(scope: Scope, receive: Receive, limits: Limits, load: Load) -> bytes:
    _check_headers(scope, limits)
    try:
        async with asyncio.timeout(limits.body_s):
            return await _read(receive, limits.body_bytes, load)
    except TimeoutError:
        raise too_slow() from None


def _check_headers(scope: Scope, limits: Limits) -> None:
    if any(coding.strip().lower() != b"identity" for coding in headers(scope, b"content-encoding")):
        raise unsupported("Content-Encoding: expected none, found one.")
    # A web page can send any other type to a local port without asking first.
    kinds = headers(scope, b"content-type")
    if len(kinds) != 1 or not JSON_TYPE.fullmatch(kinds[0]):
        raise unsupported("Content-Type: expected application/json in UTF-8, found another or none.")
    length = header(scope, b"content-length") or b"0"
    if length.isdigit() and int(length) > limits.body_bytes:
        raise too_large(limits.body_bytes)


async def _read(receive: Receive, limit: int, load: Load) -> bytes:
    body = bytearray()
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        if len(body) + len(piece) > limit:
            raise too_large(limit)
        load.take(len(piece))
        body += piece
        if not message.get("more_body", False):
            return bytes(body)


async def gone(receive: Receive) -> None:
    """Return when the client leaves. Call it after the body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass
