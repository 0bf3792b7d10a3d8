"""A model server on a real loopback socket that says what it was told to say, in the cuts it was told.

It knows when a client leaves before the end, and keeps every request. It is a plain socket server, so it can
also do what no honest server does: send garbage, lie about a length, close in the middle, or fall silent.
Silent it is until its client leaves, however long that takes.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Self


class End(StrEnum):
    CLEAN = "clean"
    CUT = "cut"
    RESET = "reset"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Script:
    """One answer: its pieces go out one by one, each in a write of its own, `pause_s` apart.

    `raw`: they go out as they are, without a head and without the lengths of chunks. `gate`: the first two
    alone go out until it is set.
    """

    pieces: tuple[bytes, ...]
    status: int = 200
    content_type: str = "text/event-stream; charset=utf-8"
    pause_s: float = 0.0
    end: End = End.CLEAN
    headers: tuple[tuple[str, str], ...] = ()
    raw: bool = False
    gate: threading.Event | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def stream(*pieces: bytes, **rest: Any) -> Script:
    return Script(pieces, **rest)


def completion(text: str = "Hi.") -> dict[str, Any]:
    """The body of a whole answer."""
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def spoken(text: str, asked: "Asked") -> Script:
    """The answer as it was asked for: whole, or in small pieces."""
    if not asked.json.get("stream"):
        return whole(completion(text))
    return stream(*said([text[at : at + 5] for at in range(0, len(text), 5)]), DONE)


def whole(body: object, status: int = 200) -> Script:
    return Script((json.dumps(body).encode(),), status, "application/json")


MODELS = whole({"object": "list", "data": [{"id": "demo", "object": "model"}]})


@dataclass(slots=True)
class Canned:
    """Start it with `with`. What it is told to play stays until it is told something else.

    `drops` is how many requests it still closes without a word. `answers` makes a script of what was asked.
    """

    script: Script = MODELS
    models: Script = MODELS
    drops: int = 0
    answers: Callable[[Asked], Script] | None = None
    asked: list[Asked] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _running: "set[asyncio.Task[None]]" = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def play(self, script: Script) -> None:
        self.script = script
        self.asked.clear()
        # A new one: an older answer may still be told that its client left.
        self.left = threading.Event()

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join()

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=listener))
        self._loop.run_forever()
        server.close()
        for task in list(self._running):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._running, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        # asyncio does this only for a listener that was made with its protocol's number; without it, every
        # second small write waits 40 ms for an acknowledgement.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._running.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = await _request(reader)
        asked.headers["from"] = str(writer.get_extra_info("peername")[1])
        if self.drops:
            self.drops -= 1
            return False
        if asked.path.endswith("/models"):
            script = self.models
        else:
            self.asked.append(asked)
            script = self.answers(asked) if self.answers else self.script
        # Of this answer alone: an earlier client that left must not end a later one's answer.
        gone = threading.Event()
        watching = asyncio.ensure_future(_watch(reader, gone, self.left))
        try:
            return await self._play(script, writer, gone)
        except ConnectionError:
            self.left.set()
            return False
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _play(self, script: Script, writer: asyncio.StreamWriter, gone: threading.Event) -> bool:
        writer.write(b"" if script.raw else _head(script))
        self.sent = 0
        for piece in script.pieces:
            writer.write(piece if script.raw else b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            self.sent += 1
            await asyncio.sleep(script.pause_s)
            if script.gate and self.sent == 2:
                await _until(partial(_any_set, script.gate, gone))
            if gone.is_set():
                return False
        if script.end is End.SILENT:
            await _until(gone.is_set)
        if script.end is End.RESET:
            _reset_on_close(writer)
        if script.end is not End.CLEAN:
            return False
        if script.raw:
            return True
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _watch(reader: asyncio.StreamReader, *told: threading.Event) -> None:
    """An end of the client's side before the answer's end is a client that left."""
    await _until(lambda: reader.at_eof() or reader.exception() is not None)
    for one in told:
        one.set()


def _any_set(*told: threading.Event) -> bool:
    return any(one.is_set() for one in told)


async def _until(holds: Callable[[], bool]) -> None:
    """Of what tells nobody when it comes true."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    """As a process that crashed: what was not read yet is gone, and the peer is told so."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _head(script: Script) -> bytes:
    lines = [
        f"HTTP/1.1 {script.status} Said",
        f"content-type: {script.content_type}",
        "transfer-encoding: chunked",
        *(f"{name}: {value}" for name, value in script.headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(first.split(" ")[1], headers, body)


def chunk(delta: dict[str, Any], finish: str | None = None, choice: int = 0, **rest: Any) -> bytes:
    """One event as vLLM writes it."""
    one = {"index": choice, "delta": delta, "logprobs": None, "finish_reason": finish, "token_ids": None}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "demo",
        "choices": [one],
        **rest,
    }
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def said(pieces: Sequence[str], finish: str = "stop", choice: int = 0) -> list[bytes]:
    """The events of one choice that says these pieces of content."""
    events = [chunk({"role": "assistant", "content": ""}, choice=choice)]
    events += [chunk({"content": piece}, choice=choice) for piece in pieces]
    return [*events, chunk({"content": ""}, finish, choice)]


DONE = b"data: [DONE]\n\n"


def main() -> None:
    """Serve a long clean answer until interrupted: the other end of a benchmark."""
    words = [f"word{number} " for number in range(200)]
    with Canned(stream(*said(words), DONE)) as server:
        print(server.base_url, flush=True)
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
