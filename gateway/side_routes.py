"""The routes beside the hot ones: models, health, metrics."""

import asyncio
import math
from datetime import UTC, datetime

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.config import SteeringMode
from gateway.errors import Json
from gateway.fields import fields_of
from gateway.services import Services


def services_of(request: Request) -> Services:
    services = request.scope["state"]["services"]
    assert isinstance(services, Services)
    return services


def shown(body: Json, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


async def models(request: Request) -> Response:
    services = services_of(request)
    key = services.keys.admit(fields_of(request.scope))
    return shown({"object": "list", "data": await services.models.listed(key)})


async def model(request: Request) -> Response:
    services = services_of(request)
    key = services.keys.admit(fields_of(request.scope))
    return shown(await services.models.one(request.path_params["name"], key))


async def healthz(_: Request) -> Response:
    """The process runs."""
    return shown({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The process can serve: records and sessions can be kept, the model server answers, no end is near.

    A file that cannot be used is told and no reason to send clients elsewhere: the last good one is in force.
    """
    services = services_of(request)
    checks: Json = {"audit": services.audit.alive, "upstream": await services.upstream.reached()}
    if services.memory is not None:
        checks["memory"] = await services.memory.reached()
    helm = services.helm
    if helm is not None and helm.mode is SteeringMode.REQUIRED:
        checks["steering"] = helm.proof.holds
    contact = services.contact
    if contact is not None:
        checks["ledger"] = services.may_answer()
    draining, failed_at = services.drain.begun, services.reload_failed_at
    ready = all(checks.values()) and not draining
    told: Json = {"ready": ready, "checks": checks, "draining": draining}
    if helm is not None and helm.mode is not SteeringMode.OFF:
        told["steering"] = helm.proof.obeys or "unknown"
    if contact is not None:
        said = "lost" if services.ledger_is_lost else "ok"
        told["ledger"] = {"state": said, "sequence": contact.sequence, "silent_s": _seconds(contact.silent_s)}
    told["reload"] = "ok" if failed_at is None else "failed"
    if failed_at is not None:
        told["reload_failed_at"] = datetime.fromtimestamp(failed_at, UTC).isoformat(timespec="seconds")
    return shown(told, 200 if ready else 503)


def _seconds(silent_s: float) -> float | None:
    return round(silent_s, 1) if silent_s < math.inf else None


async def metrics(request: Request) -> Response:
    """Counters tell what was found, so they are the operator's alone where clients have keys."""
    services = services_of(request)
    services.keys.admit_operator(fields_of(request.scope))
    if services.contact is not None:
        services.metrics.ledger(services.contact.sequence, services.contact.silent_s)
    data = await asyncio.to_thread(services.metrics.text)
    return Response(data, media_type="text/plain; version=0.0.4; charset=utf-8")
