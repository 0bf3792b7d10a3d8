"""A request's body, read with a limit on its size, its time and what all bodies hold together."""

import asyncio
import re

from starlette.types import Message, Receive, Scope

from gateway.config import Limits
from gateway.errors import too_large, too_slow, unsupported
from gateway.fields import Fields, fields_of
from gateway.limits.bodies import Load

JSON = b"application/json"
JSON_TYPE = re.compile(rb'\s*application/json\s*(;\s*charset="?utf-?8"?\s*)?(;\s*)?', re.IGNORECASE)

NO_LENGTH = (b"0",)


class ClientGone(Exception):
    """The client left; there is nobody to answer."""


async def read_body(scope: Scope, receive: Receive, limits: Limits, load: Load) -> bytes:
    """All of it, in time."""
    check(fields_of(scope), limits)
    try:
        async with asyncio.timeout(limits.body_s):
            return await read(receive, limits, load)
    except TimeoutError:
        raise too_slow() from None


def check(fields: Fields, limits: Limits) -> None:
    """What the head says of the body, before any of it is read."""
    if any(coding.strip().lower() != b"identity" for coding in fields.get(b"content-encoding", ())):
        raise unsupported("Content-Encoding: expected none, found one.")
    # A web page can send any other type to a local port without asking first.
    kinds = fields.get(b"content-type", ())
    if len(kinds) != 1 or not (kinds[0] == JSON or JSON_TYPE.fullmatch(kinds[0])):
        raise unsupported("Content-Type: expected application/json in UTF-8, found another or none.")
    length = fields.get(b"content-length", NO_LENGTH)[0]
    if length.isdigit() and int(length) > limits.body_bytes:
        raise too_large(limits.body_bytes)


async def read(receive: Receive, limits: Limits, load: Load) -> bytes:
    limit, body = limits.body_bytes, bytearray()
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        if len(body) + len(piece) > limit:
            raise too_large(limit)
        load.take(len(piece))
        if not message.get("more_body", False):
            # Most bodies come in one piece.
            return bytes(body) + piece if body else piece
        body += piece
