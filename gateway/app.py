"""The routes. What stands here exists; everything else is 404, and no path is ever sent on."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Lifespan, Receive, Scope, Send

from gateway import errors, side_routes
from gateway.audit.log import AuditLog
from gateway.checks.route import Checks, check_checker
from gateway.config import Config
from gateway.endpoint import Answered, Asked, Endpoint
from gateway.errors import ApiError
from gateway.exchange import Exchange
from gateway.feedback import feedback
from gateway.litellm.door import Door, check_open
from gateway.measuring import Measuring
from gateway.protection import Protection
from gateway.services import Services, open_services
from gateway.wire.contract import load_contract
from gateway.wire.framing import DataFraming, Framing
from gateway.wire.measure import Measure
from gateway.wire.measures import measures
from gateway.wire.wire import Wire
from gateway.wire.wires import wires
from gateway.workers.shared import Shared


def answering(wire: Wire) -> Answered:
    """All that one API does about a request."""

    async def answered(asked: Asked) -> None:
        await Exchange(wire, asked).answered(asked.raw)

    return answered


def endpoints() -> dict[str, Endpoint]:
    """The routes that answer with guarded text, by their paths. All are asked by POST."""
    checks, door = Checks(load_contract("checks")), Door(load_contract("litellm"))
    return {
        **{each.route: Endpoint(each.name, answering(each), each.framing) for each in wires().values()},
        **{route: _measuring(each) for each in measures().values() for route in each.routes},
        "/beta/litellm_basic_guardrail_api": Endpoint("litellm", door.answered, permitted=check_open),
        "/v1/checks": Endpoint("checks", checks.answered, permitted=check_checker),
    }


def _measuring(measure: Measure) -> Endpoint:
    return Endpoint(measure.name, Measuring(measure).answered)


class Gateway:
    """The hot routes at once, with nothing between them and the line; all others through their framework."""

    def __init__(self, hot: Mapping[str, Endpoint], others: FastAPI) -> None:
        self._hot, self._others = hot, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "POST"
        endpoint = self._hot.get(scope["path"]) if asked else None
        if endpoint is not None:
            await endpoint(scope, receive, send)
        else:
            await self._others(scope, receive, send)


class Exact(Route):
    """Of a path and no other: the pattern of a route would take it with a line's end behind it, too."""

    def __init__(self, path: str, endpoint: Callable[..., Any], methods: list[str]) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")


def create_app(
    config: Config,
    protection: Protection,
    audit: AuditLog | None = None,
    shared: Shared | None = None,
) -> Gateway:
    """What is handed in belongs to the app from here on; it is closed with it."""
    # Handed on at the start and not kept: who holds a protection keeps its snapshot open.
    given = [protection]
    del protection

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Services]]:
        async with open_services(config, given.pop(), audit, shared) as services:
            yield {"services": services}

    return routed(lifespan)


def routed(lifespan: Lifespan[FastAPI] | None = None) -> Gateway:
    """All routes. Without a life of its own, whoever calls it brings the services with each request."""
    hot = endpoints()
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error, ApiError: _api_error, Exception: _unknown_error},
    )
    app.router.routes.extend(
        [
            *(Exact(path, endpoint, methods=["POST"]) for path, endpoint in hot.items()),
            Exact("/v1/models", side_routes.models, methods=["GET"]),
            Exact("/v1/models/{name:path}", side_routes.model, methods=["GET"]),
            Exact("/healthz", side_routes.healthz, methods=["GET"]),
            Exact("/readyz", side_routes.readyz, methods=["GET"]),
            Exact("/metrics", side_routes.metrics, methods=["GET"]),
            Exact("/unsay/feedback", feedback, methods=["POST"]),
        ]
    )
    return Gateway(hot, app)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: errors.no_route, 405: errors.wrong_method}
    response = told(known.get(error.status_code, errors.failed)(), framing_of(request.scope["path"]))
    # Of a wrong method: those that the route takes.
    response.headers.update(error.headers or {})
    return response


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return told(error)


async def _unknown_error(_: Request, __: Exception) -> Response:
    return told(errors.failed())


def framing_of(path: str) -> Framing:
    """That of the API whose route it is."""
    framings = (wire.framing() for wire in wires().values() if wire.route == path)
    return next(framings, DataFraming())


def told(error: ApiError, framing: Framing | None = None) -> Response:
    headers = {name.decode(): value.decode("latin-1") for name, value in error.headers()}
    body = orjson.dumps((framing or DataFraming()).error(error))
    return Response(body, error.status, headers, media_type="application/json")
