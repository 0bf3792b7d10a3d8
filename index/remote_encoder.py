"""An encoder behind `/v1/embeddings`: vLLM's pooling models, Text Embeddings Inference, or one like them.

Rules: what it answers is hostile: bounded in size and time, and refused unless there is one finite vector for
each text, all of one length. Asking changes nothing, so a connection that failed and a server that is busy
are asked again. No error says a text or the key.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Timer
from urllib.parse import urlsplit

import numpy as np
import orjson

from index.encoder import EncoderError, Rows
from index.fingerprint import PROBES, probe_print

BATCH = 64
TRIES = 3
BUSY = frozenset({429, 502, 503, 504})
WAIT_S = 0.2
LONGEST_ROW = 16_384
# A number in JSON with its comma, and what stands round a row.
NUMBER_BYTES, ROUND_BYTES = 32, 65_536
PIECE = 65_536


class _Busy(EncoderError):
    """It may answer the same question a little later."""


@dataclass(frozen=True)
class RemoteEncoder:
    """`url` ends with `/v1`. `timeout_s`: for one batch, with all its tries."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    @property
    def name(self) -> str:
        return self.model

    @property
    def dimension(self) -> int:
        return int(self._probed.shape[1])

    @property
    def fingerprint(self) -> str:
        return f"remote:{self.model}:{self.dimension}:{probe_print(self._probed)}"

    def load(self) -> None:
        """Asks once what every process that is forked afterwards then knows."""
        _ = self._probed

    def encode(self, texts: Sequence[str]) -> Rows:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        rows = self._encode(texts)
        if rows.shape[1] != self.dimension:
            raise EncoderError(
                f"{self.url}: expected vectors of {self.dimension}, found {rows.shape[1]} numbers"
            )
        return rows

    @cached_property
    def _probed(self) -> Rows:
        return self._encode(PROBES)

    def _encode(self, texts: Sequence[str]) -> Rows:
        firsts = range(0, len(texts), BATCH)
        rows = [self._batch(texts[first : first + BATCH]) for first in firsts]
        if len({row.shape[1] for row in rows}) != 1:
            raise EncoderError(f"{self.url}: expected vectors of one length, found several")
        return np.concatenate(rows)

    def _batch(self, texts: Sequence[str]) -> Rows:
        deadline = time.monotonic() + self.timeout_s
        # A lone surrogate is no text for anybody else.
        said = [text.encode("utf-8", "replace").decode() for text in texts]
        body = orjson.dumps({"model": self.model, "input": said, "encoding_format": "float"})
        for tried in range(1, TRIES + 1):
            try:
                return self._rows(self._answer(body, len(texts), deadline), len(texts))
            except (_Busy, OSError, HTTPException) as error:
                pause = WAIT_S * 2**tried
                if tried == TRIES or time.monotonic() + pause > deadline:
                    raise EncoderError(f"{self.url}: did not answer ({_fault(error)})") from None
                self.wait(pause)
        raise AssertionError("unreachable")

    def _answer(self, body: bytes, texts: int, deadline: float) -> bytes:
        address = urlsplit(self.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=_left(deadline))
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        connection.connect()
        # A server that sends a byte now and then keeps every single read alive.
        cut = Timer(_left(deadline), _cut, [connection.sock])
        cut.start()
        try:
            connection.request("POST", f"{address.path.rstrip('/')}/embeddings", body, headers)
            with connection.getresponse() as answer:
                if answer.status in BUSY:
                    raise _Busy(f"status {answer.status}")
                if answer.status != 200:
                    raise EncoderError(f"{self.url}: expected status 200, found {answer.status}")
                return self._bounded(answer.read1, texts * LONGEST_ROW * NUMBER_BYTES + ROUND_BYTES)
        finally:
            cut.cancel()
            connection.close()

    def _bounded(self, read: Callable[[int], bytes], most: int) -> bytes:
        found = bytearray()
        while piece := read(PIECE):
            found += piece
            if len(found) > most:
                raise EncoderError(f"{self.url}: expected at most {most} bytes, found more")
        return bytes(found)

    def _rows(self, answer: bytes, texts: int) -> Rows:
        try:
            found = sorted((int(one["index"]), one["embedding"]) for one in orjson.loads(answer)["data"])
            rows = np.array([row for _, row in found], np.float64)
        except (ValueError, KeyError, TypeError):
            raise EncoderError(
                f"{self.url}: expected embeddings as lists of numbers, found something else"
            ) from None
        places = [place for place, _ in found]
        lengths = np.linalg.norm(rows, axis=1) if rows.ndim == 2 else np.zeros(0)
        if places != list(range(texts)) or not 1 <= rows.shape[-1] <= LONGEST_ROW:
            raise EncoderError(f"{self.url}: expected a vector for each text, found another number of them")
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise EncoderError(f"{self.url}: expected vectors with a direction, found one without")
        return np.asarray(rows / lengths[:, None], np.float32)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("too slow")
    return left


def _cut(connection: socket) -> None:
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)


def _fault(error: Exception) -> str:
    return str(error) if isinstance(error, _Busy) else type(error).__name__
