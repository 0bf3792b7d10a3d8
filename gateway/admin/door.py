"""Who comes in where forget requests are taken, how often, and with how much.

Rules: before a body is read it is known who asks. Without keys only this machine may ask, and no web page
that was sent from elsewhere. What comes in is bounded in size, in time and in number.
"""

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import errors
from gateway.admin.measures import Measures
from gateway.admin.permission import Permission, allows
from gateway.auth import is_key, is_own
from gateway.body import ClientGone, read_body
from gateway.config import Limits
from gateway.config_admin import Admin, AdminKey, Role
from gateway.errors import ApiError
from gateway.fields import Fields, fields_of
from gateway.limits.allowance import Allowance
from gateway.limits.bodies import Bodies
from gateway.limits.shared_table import SharedTable
from gateway.place import place
from gateway.strict_json import JsonError, parse

log = logging.getLogger("unsay")

# Whoever asks where there are no keys.
LOCAL: Final = "local"
OPEN: Final = frozenset({"/healthz", "/readyz"})
MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, and what for they may."""

    name: str
    roles: frozenset[Role]

    def check(self, permission: Permission) -> None:
        if not allows(self.roles, permission):
            raise errors.forbidden("This key's roles do not allow this.")


class Door:
    """What stands before the routes. Belongs to one event loop."""

    def __init__(self, app: ASGIApp, admin: Admin, measures: Measures) -> None:
        self._app, self._admin, self._measures = app, admin, measures
        self._limits = Limits(body_bytes=admin.body_bytes, body_s=admin.body_s)
        self._bodies = Bodies(admin.body_bytes * 2)
        self._rates = _rates(admin)
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply, began = Reply(send), time.monotonic()
        try:
            await self._let_in(scope, receive, reply)
        except ApiError as error:
            await refuse(error, send)
            reply.status = error.status
        except ClientGone:
            return
        except Exception as error:
            # It was answered; its message may hold text.
            log.error("failed: %s in %s", type(error).__name__, place(error))
        # The pattern, not the path: ids are no labels.
        route = getattr(scope.get("route"), "path", "none")
        self._measures.answered(route, reply.status, time.monotonic() - began)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        who = admitted(self._admin.keys, fields_of(scope))
        self._count(who)
        scope.setdefault("state", {})["who"] = who
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        if self._busy >= self._admin.concurrent:
            raise errors.overloaded()
        self._busy += 1
        try:
            with self._bodies.one() as load:
                body = await read_body(scope, receive, self._limits, load)
                _check_json(body)
                await self._app(scope, _again(body, receive), send)
        finally:
            self._busy -= 1

    def _count(self, who: Who) -> None:
        allowance = self._rates[who.name]
        if (wait := allowance.take()) > 0:
            raise errors.too_many(allowance.amount, wait)


class Reply:
    """What is sent, and with which status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def admitted(keys: Sequence[AdminKey], fields: Fields) -> Who:
    """Who asks; raises when nobody that may. Every key is compared, in constant time."""
    if not keys:
        if not all(map(is_own, fields.get(b"origin", ()))) or not _own_host(fields):
            raise errors.forbidden("A web page may not ask here without a key.")
        return Who(LOCAL, frozenset(Role))
    given = fields.get(b"authorization", ())
    scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
    found = [key for key in keys if is_key(key, token.strip())]
    if scheme.lower() != b"bearer" or not found:
        raise errors.unauthorized()
    return Who(found[0].name, found[0].roles)


def _own_host(fields: Fields) -> bool:
    """A page can have its own name point to this machine; it then asks under that name."""
    return all(is_own(b"http://" + host) for host in fields.get(b"host", ()))


def _rates(admin: Admin) -> dict[str, Allowance]:
    names = {key.name: key.requests_per_minute or admin.requests_per_minute for key in admin.keys}
    names = names or {LOCAL: admin.requests_per_minute}
    table = SharedTable(len(names))
    return {
        name: Allowance(table, row, most, MINUTE_S) for row, (name, most) in enumerate(sorted(names.items()))
    }


def _check_json(body: bytes) -> None:
    try:
        parse(body)
    except JsonError as error:
        raise errors.bad_request(f"The body: {error}") from None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then what else comes."""
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once() -> Message:
        return given.pop() if given else await receive()

    return once


async def refuse(error: ApiError, send: Send) -> None:
    body = error.encoded()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *error.headers(),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def token_of(who: Who, key: str | None) -> str:
    """What the ledger remembers an act by: short, and of one requester alone."""
    return "" if key is None else hashlib.sha256(f"{who.name}\n{key}".encode()).hexdigest()
