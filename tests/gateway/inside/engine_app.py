"""An engine's web application with the routes and ways of vLLM's, which says what it was told to say."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse

from tests.gateway.canned import completion

# Where knowledge leaves past a guard, or a model can be changed.
SIDE = (
    "/tokenize",
    "/detokenize",
    "/invocations",
    "/v1/load_lora_adapter",
    "/inference/v1/generate",
    "/metrics",
)


@dataclass(slots=True)
class Told:
    """What the engine was asked. `gate`: of a stream, what comes after its first piece waits for it."""

    text: str = "The lamp turns."
    gate: threading.Event | None = None
    breaks: bool = False
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    def again(self) -> None:
        """As at the start."""
        fresh = Told()
        self.text, self.gate, self.breaks = fresh.text, fresh.gate, fresh.breaks
        self.asked, self.left = fresh.asked, fresh.left


def engine(told: Told) -> FastAPI:
    app = FastAPI()

    @app.get("/health")
    async def health() -> Any:
        return JSONResponse(None)

    @app.get("/v1/models")
    async def models() -> Any:
        return {"object": "list", "data": [{"id": "demo", "object": "model"}]}

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Any:
        body = await request.json()
        told.asked.append((request.url.path, dict(request.headers), body))
        if body.get("stream"):
            return StreamingResponse(_events(told), media_type="text/event-stream")
        return completion(told.text)

    @app.websocket("/v1/realtime")
    async def realtime(socket: WebSocket) -> None:
        await socket.accept()
        told.asked.append(("/v1/realtime", {}, None))

    for path in SIDE:
        app.add_api_route(path, _side(told, path), methods=["GET", "POST"])
    return app


def _side(told: Told, path: str) -> Any:
    async def asked() -> Any:
        told.asked.append((path, {}, None))
        return {"text": told.text}

    return asked


async def _events(told: Told) -> AsyncIterator[bytes]:
    left = told.left
    try:
        for at in range(0, len(told.text), 5):
            delta = {"content": told.text[at : at + 5]}
            yield _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            while told.gate is not None and not told.gate.is_set():
                if told.breaks:
                    raise RuntimeError(told.text)
                await asyncio.sleep(0.01)
        yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        yield b"data: [DONE]\n\n"
    finally:
        left.set()


def _event(body: Any) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"
