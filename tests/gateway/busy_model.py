"""A model server in a process of its own that answers many requests at a time, streamed and whole.

Run as a program it says its address and serves until its input ends.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from tests.gateway.canned import DONE, said

ROOT = Path(__file__).resolve().parents[2]
EVENTS = said(["A lamp ", "turns ", "slowly ", "all ", "night."])
MESSAGE = {"role": "assistant", "content": "A lamp turns slowly all night."}
WHOLE = {"choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]}
PAUSE_S = 0.001


@contextmanager
def busy_model() -> Iterator[str]:
    """Its base URL."""
    command = [sys.executable, "-m", __spec__.name]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate(timeout=60)


async def _answer(request: web.Request) -> web.StreamResponse:
    if not (await request.json()).get("stream"):
        return web.json_response(WHOLE)
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for event in (*EVENTS, DONE):
        await response.write(event)
        await asyncio.sleep(PAUSE_S)
    return response


async def _models(_: web.Request) -> web.Response:
    return web.Response(text=json.dumps({"object": "list", "data": [{"id": "demo", "object": "model"}]}))


async def _serve() -> None:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _answer)
    app.router.add_get("/v1/models", _models)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
