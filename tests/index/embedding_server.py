"""An embeddings server for tests, over HTTP: as an OpenAI-compatible one answers, or as `fault` says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from index.encoder import Encoder

# What becomes of an answer: its status and body as they go out. It sees how many requests came before.
Fault = Callable[[int, dict[str, Any]], tuple[int, bytes]]


def whole(_asked: int, answer: dict[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps(answer).encode()


class EmbeddingServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, encoder: Encoder, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.encoder, self.fault = encoder, fault
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        before = len(self.server.requests)
        self.server.requests.append(asked | {"path": self.path})
        self.server.keys.append(self.headers["Authorization"])
        rows = self.server.encoder.encode(asked["input"])
        data = [
            {"object": "embedding", "index": place, "embedding": row}
            for place, row in enumerate(rows.tolist())
        ]
        answer = {"object": "list", "model": asked["model"], "data": data, "usage": {"total_tokens": 0}}
        status, body = self.server.fault(before, answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests say what they want to know."""


@contextmanager
def serving(encoder: Encoder, fault: Fault = whole) -> Iterator[EmbeddingServer]:
    server = EmbeddingServer(encoder, fault)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
