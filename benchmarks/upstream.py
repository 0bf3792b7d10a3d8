"""A model server that says one canned answer, every event in a write of its own.

Rule: it must never be what is slow. It reads no more of a request than it needs, and writes straight to the
socket: an event loop would join the writes of one turn into one. `GET /say/WHICH/SECONDS/TIMES/AFTER` sets
the whole answer, the pause between two events of a stream, how often it pauses, and after how many at first.
"""

import asyncio
import re
import socket
import sys
from collections import deque
from pathlib import Path

import uvloop

STREAMED = re.compile(rb'"stream":\s*true')
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
MODELS = b'{"object":"list","data":[{"id":"demo","object":"model"}]}'
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)


def answered(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


class Said:
    """The answers, as they stand on the line."""

    def __init__(self, folder: Path) -> None:
        events = (folder / "events.sse").read_bytes().split(b"\n\n")[:-1]
        chunks = [b"%x\r\n%s\n\n\r\n" % (len(event) + 2, event) for event in events]
        self.pieces = [STREAM_HEAD + chunks[0], *chunks[1:-1], chunks[-1] + b"0\r\n\r\n"]
        self.wholes = {path.stem: answered(path.read_bytes()) for path in folder.glob("answer-*.json")}
        self.whole = b""
        self.models = answered(MODELS)
        self.pause_s, self.pauses, self.after = 0.0, 0, 0

    def take(self, which: str, seconds: str, times: str, after: str) -> None:
        self.whole = self.wholes[which]
        self.pause_s, self.pauses, self.after = float(seconds), int(times), int(after)


class Line:
    """One connection: requests one after the other."""

    def __init__(self, line: socket.socket, said: Said) -> None:
        self._line, self._said = line, said
        self._loop = asyncio.get_running_loop()
        self._heard = b""
        self._pieces: deque[bytes] = deque()
        self._due = 0.0
        self._loop.add_reader(line, self._read)

    def _read(self) -> None:
        try:
            heard = self._line.recv(262_144)
        except BlockingIOError:
            return
        except ConnectionError:
            heard = b""
        if not heard:
            self._close()
            return
        self._heard += heard
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if found and len(body) >= (int(length[1]) if length else 0):
            self._heard = b""
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /say/"):
            self._said.take(*head.split(b" ")[1].decode().split("/")[2:])
            self._line.sendall(answered(b"{}"))
        elif head.startswith(b"GET"):
            self._line.sendall(self._said.models)
        elif not STREAMED.search(body):
            self._line.sendall(self._said.whole)
        else:
            self._pieces.extend(self._said.pieces)
            self._due, self._pauses = self._loop.time(), self._said.pauses
            self._say()

    def _say(self) -> None:
        """One event, and then it is the turn of the others."""
        if not self._pieces:
            return
        piece = self._pieces.popleft()
        try:
            sent = self._line.send(piece)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close()
            return
        if sent < len(piece):
            self._pieces.appendleft(piece[sent:])
            self._loop.add_writer(self._line, self._writable)
        elif self._pauses and len(self._pieces) + self._said.after <= len(self._said.pieces):
            self._pauses -= 1
            self._due += self._said.pause_s
            self._loop.call_at(self._due, self._say)
        else:
            self._loop.call_soon(self._say)

    def _writable(self) -> None:
        self._loop.remove_writer(self._line)
        self._say()

    def _close(self) -> None:
        self._pieces.clear()
        if self._line.fileno() >= 0:
            self._loop.remove_reader(self._line)
            self._loop.remove_writer(self._line)
            self._line.close()


async def serve(port: int, said: Said) -> None:
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    listener.setblocking(False)
    while True:
        line, _ = await loop.sock_accept(listener)
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Line(line, said)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Said(Path(sys.argv[2]))))
