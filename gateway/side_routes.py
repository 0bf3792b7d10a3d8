"""The routes beside the hot ones: models, health, metrics."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import Json
from gateway.services import Services


def services_of(request: Request) -> Services:
    services = request.scope["state"]["services"]
    assert isinstance(services, Services)
    return services


def shown(body: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


async def models(request: Request) -> Response:
    services = services_of(request)
    services.keys.admit(request.scope)
    return shown({"object": "list", "data": await services.models.listed()})


async def model(request: Request) -> Response:
    services = services_of(request)
    services.keys.admit(request.scope)
    return shown(await services.models.one(request.path_params["name"]))


async def healthz(_: Request) -> Response:
    """The process runs."""
    return shown({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The process can serve: its records can be kept and the model server answers."""
    services = services_of(request)
    checks: Json = {"audit": services.audit.alive, "upstream": await services.upstream.reached()}
    ready = all(checks.values())
    return shown({"ready": ready, "checks": checks}, 200 if ready else 503)


async def metrics(request: Request) -> Response:
    """Counters tell what was found, so they are the operator's alone where clients have keys."""
    services = services_of(request)
    services.keys.admit_operator(request.scope)
    data = await asyncio.to_thread(services.metrics.text)
    return Response(data, media_type="text/plain; version=0.0.4; charset=utf-8")
