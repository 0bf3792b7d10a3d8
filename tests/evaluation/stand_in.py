"""A server in place of a gateway: what it answers is a function of the request's body."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Answer = Callable[[Mapping[str, Any]], tuple[int, str]]


@contextmanager
def standing_in(answer: Answer) -> Iterator[str]:
    """Its base URL. The answer is a status and the content of the only choice."""

    async def chat(request: Request) -> JSONResponse:
        status, text = answer(json.loads(await request.body()))
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return JSONResponse({"choices": [choice]}, status)

    app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def texts(body: Mapping[str, Any]) -> str:
    """All that the messages say."""
    return "\n".join(str(message["content"]) for message in body["messages"])
