"""The routes. What stands here exists; everything else is 404, and no path is ever sent on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway import errors, side_routes
from gateway.audit.log import AuditLog
from gateway.chat_endpoint import ChatEndpoint
from gateway.config import Config
from gateway.errors import ApiError
from gateway.feedback import feedback
from gateway.limits.shared_table import SharedTable
from gateway.services import Protection, Services, open_services

CHAT = "/v1/chat/completions"


class Gateway:
    """The hot route at once, with nothing between it and the line; all others through their framework."""

    def __init__(self, chat: ChatEndpoint, others: FastAPI) -> None:
        self._chat, self._others = chat, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == CHAT and scope["method"] == "POST":
            await self._chat(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def create_app(
    config: Config,
    protection: Protection,
    audit: AuditLog | None = None,
    table: SharedTable | None = None,
    numbers: Path | None = None,
) -> Gateway:
    """What is handed in belongs to the app from here on; it is closed with it."""
    # Handed on at the start and not kept: who holds a protection keeps its snapshot open.
    given = [protection]
    del protection

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Services]]:
        async with open_services(config, given.pop(), audit, table, numbers) as services:
            yield {"services": services}

    chat = ChatEndpoint()
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
            Route(CHAT, chat, methods=["POST"]),
            Route("/v1/models", side_routes.models, methods=["GET"]),
            Route("/v1/models/{name:path}", side_routes.model, methods=["GET"]),
            Route("/healthz", side_routes.healthz, methods=["GET"]),
            Route("/readyz", side_routes.readyz, methods=["GET"]),
            Route("/metrics", side_routes.metrics, methods=["GET"]),
            Route("/unsay/feedback", feedback, methods=["POST"]),
        ]
    )
    return Gateway(chat, app)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: errors.no_route, 405: errors.wrong_method}
    response = told(known.get(error.status_code, errors.failed)())
    # Of a wrong method: those that the route takes.
    response.headers.update(error.headers or {})
    return response


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return told(error)


async def _unknown_error(_: Request, __: Exception) -> Response:
    return told(errors.failed())


def told(error: ApiError) -> Response:
    headers = {name.decode(): value.decode("latin-1") for name, value in error.headers()}
    return Response(error.encoded(), error.status, headers, media_type="application/json")
