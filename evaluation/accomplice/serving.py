"""The accomplice on a loopback port: for a block, or until the process is told to end."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn

from evaluation.accomplice.server import application
from evaluation.person import Person

HOST: Final = "127.0.0.1"
_START_S: Final = 30.0


@contextmanager
def serving(people: Sequence[Person], *, recalls: bool = False) -> Iterator[str]:
    """The base URL while the block runs."""
    listener = listen(0)
    server = _server(people, recalls)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait(server, thread)
        yield base_url(listener)
    finally:
        server.should_exit = True
        thread.join(_START_S)
        listener.close()


def serve(people: Sequence[Person], port: int, *, recalls: bool = False) -> None:
    """Until a signal ends it; says on the first line where it listens."""
    listener = listen(port)
    print(f"listening on {base_url(listener)}", flush=True)
    _server(people, recalls).run(sockets=[listener])


def listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port))


def base_url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}/v1"


def _server(people: Sequence[Person], recalls: bool) -> uvicorn.Server:
    app = application(people, recalls=recalls)
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the accomplice did not start")
        time.sleep(0.01)
