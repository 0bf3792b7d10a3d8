"""An engine with the gateway in its own process, served by the engine's own server."""

import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway.app import routed
from gateway.inside.layer import Layer
from gateway.server import bind
from gateway.services import Services, open_services
from gateway.upstream.client import Connections
from tests.gateway.inside.engine_app import Told, engine
from tests.gateway.running import CRANE, HOST, Running, config_for, policy_of, protection_of

# Asked in this process: the path alone counts.
INSIDE = "http://127.0.0.1/v1"


@contextmanager
def serving(app: FastAPI, audit: Path) -> Iterator[Running]:
    """As vLLM serves: uvicorn as it is."""
    listener = bind(HOST, 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.02)
        assert server.started, "the server did not start"
        yield Running(listener.getsockname()[1], audit)
    finally:
        server.should_exit = True
        thread.join(120)
        listener.close()
    assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class Inside:
    gateway: Running
    told: Told
    layer: Layer


@contextmanager
def inside(folder: Path, **rest: Any) -> Iterator[Inside]:
    """Alden Crane is forgotten: prompts refused, answers redacted."""
    told, audit = Told(), folder / "audit.jsonl"
    app, layers = engine(told), list[Layer]()
    config = config_for(INSIDE, audit, **rest)
    protection = protection_of(policy_of(CRANE), folder / "snapshot")

    def begun(connections: Connections) -> AbstractAsyncContextManager[Services]:
        return open_services(config, protection, connections=connections)

    def layer(inner: ASGIApp) -> Layer:
        layers.append(Layer(inner, routed(), begun))
        return layers[0]

    app.add_middleware(layer)
    with serving(app, audit) as gateway:
        yield Inside(gateway, told, layers[0])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    with inside(tmp_path_factory.mktemp("inside")) as one:
        yield one


@pytest.fixture
def guarded(shared: Inside) -> Inside:
    """The same for all tests, with an engine that says what is clean."""
    shared.told.again()
    return shared
