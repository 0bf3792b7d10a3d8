"""The clients of a measurement, all in one process: orders as JSON lines on stdin, results on stdout.

Rule: it reads as little as it can, because it shares a core with the model server; still an answer counts
only when its status is 200 and it came to its end. Anything else ends the measurement, and says what it was.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import uvloop

LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"
DONE = b"data: [DONE]"
TAIL = 64
LONGEST_S = 120


@dataclass(frozen=True, slots=True)
class Order:
    """For `seconds`, as many lines as `connections` ask, each the next as soon as it is answered."""

    port: int
    bodies: str
    connections: int
    seconds: float
    keep: bool = False


@dataclass(slots=True)
class Result:
    """`first_ms`: from the request to the first word, if one asks alone. `withheld`: answers without it.
    `text`: the last answer, if kept.
    """

    answers: int = 0
    withheld: int = 0
    seconds: float = 0.0
    first_ms: list[float] = field(default_factory=list)
    text: str = ""


class Unexpected(Exception):
    pass


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, first: bytes, keep: bool) -> None:
        self._first_word, self._keep = first, keep
        self._done: asyncio.Future[None] | None = None
        self._begun = False
        self.heard = b""
        self._left: int | None = None
        self._first: float | None = None
        self._stream = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes) -> float | None:
        """Milliseconds to the first word, where there is one."""
        self._done = asyncio.get_running_loop().create_future()
        self._begun, self.heard, self._left, self._first = False, b"", None, None
        self._asked = time.perf_counter()
        self._transport.write(request)
        async with asyncio.timeout(LONGEST_S):
            await self._done
        return self._first

    def data_received(self, data: bytes) -> None:
        if not self._begun and not self._begin(data):
            return
        if self._first is None:
            # The word may come in two pieces.
            self._look(self.heard[-len(self._first_word) :] + data)
        self.heard = self.heard + data if self._keep else (self.heard + data)[-TAIL:]
        if self._left is not None:
            self._left -= len(data)
        if self._left == 0 or (self._left is None and self.heard.endswith(LAST_CHUNK)):
            self._end()

    def _begin(self, data: bytes) -> bool:
        self.heard += data
        head, found, _ = self.heard.partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 200 " not in head[:16]:
            self._fail(f"expected status 200, got {self.heard[:300]!r}")
            return False
        self._begun = True
        length = LENGTH.search(head)
        # What is heard is counted again by the caller, but for what came before this piece.
        self._left = None if length is None else len(head) + 4 + int(length[1]) - len(self.heard) + len(data)
        self._stream = length is None
        self.heard = self.heard[: -len(data)]
        return True

    def _look(self, data: bytes) -> None:
        if self._first_word in data:
            self._first = (time.perf_counter() - self._asked) * 1e3

    def _end(self) -> None:
        if self._stream and DONE not in self.heard[-TAIL:]:
            self._fail(f"expected [DONE] at the end, got {self.heard[-TAIL:]!r}")
        elif self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _fail(self, why: str) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(Unexpected(why))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed before the answer was complete")

    def close(self) -> None:
        self._transport.close()


def request(body: bytes) -> bytes:
    head = ["POST /v1/chat/completions HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body


async def run(order: Order, first: bytes, requests: list[bytes]) -> Result:
    result, began = Result(), time.perf_counter()

    async def one(number: int) -> None:
        _, line = await asyncio.get_running_loop().create_connection(
            lambda: Line(first, order.keep), "127.0.0.1", order.port
        )
        while True:
            waited = await line.ask(requests[number % len(requests)])
            number, result.answers = number + order.connections, result.answers + 1
            if waited is None:
                result.withheld += 1
            elif order.connections == 1:
                result.first_ms.append(waited)
            # A time to the first word needs a first word.
            if time.perf_counter() - began >= order.seconds and (waited is not None or order.connections > 1):
                break
        line.close()
        if order.keep:
            result.text = line.heard.decode()

    async with asyncio.TaskGroup() as group:
        for number in range(order.connections):
            group.create_task(one(number))
    result.seconds = time.perf_counter() - began
    return result


def carried_out(line: str, said: dict[str, Any]) -> dict[str, Any]:
    order = Order(**json.loads(line))
    requests = [request(body.encode()) for body in said[order.bodies]]
    try:
        return asdict(uvloop.run(run(order, said["first"].encode(), requests)))
    except ExceptionGroup as failed:
        return {"error": str(failed.exceptions[0]) or type(failed.exceptions[0]).__name__}


def main() -> None:
    said = json.loads(Path(sys.argv[1]).read_text())
    for line in sys.stdin:
        print(json.dumps(carried_out(line, said)), flush=True)


if __name__ == "__main__":
    main()
