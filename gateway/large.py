"""Large texts are read and scanned in a process of their own, so that they hold up no answer of others.

Rules: the process begins with the first large text. One that breaks, or takes too long, is an error for the
request whose text it was, and for no other: the next text gets a new process.
"""

import asyncio
import logging
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import cast

from gateway import errors
from gateway.helper import Helper, HelperError
from gateway.large_work import Done, Hear, Job, Read, ScanIt, Start, Tell, work
from gateway.prompt import Body, Hits, Scan, Scanned
from gateway.wire.answer import Heard
from gateway.wire.request import Request
from gateway.wire.writer import Frame

# From this size on a text is large, and from a smaller one where much of it may be a code, which is tried in
# many ways. A model server's body is only parsed there, which is faster work.
LARGE = 32_768
ODD = 8_192
_PLAIN = b"abcdefghijklmnopqrstuvwxyz " + bytes(range(128, 256))
LARGE_BODY = 262_144

log = logging.getLogger("unsay")


def is_large(raw: bytes) -> bool:
    """Whether it takes long to look through a prompt."""
    if len(raw) <= ODD:
        return False
    return len(raw) > LARGE or 4 * len(raw.translate(None, _PLAIN)) > len(raw)


@dataclass(frozen=True, slots=True)
class _Waiting:
    job: Job
    done: "Future[Done]"


class LargeTexts:
    """One text after the other. Belongs to one protection and ends with it."""

    def __init__(self, start: Start, timeout_s: float = 60.0) -> None:
        self._jobs: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._helper = Helper("large", work, start, timeout_s)
        self._thread: threading.Thread | None = None

    async def read(self, body: Body) -> "LargePrompt":
        return LargePrompt(self, body, cast(Request, await self.do(Read(body))))

    async def heard(self, wire: str, raw: bytes, choices: int, streamed: bool) -> Heard:
        return cast(Heard, await self.do(Hear(wire, raw, choices, streamed)))

    async def told(self, measure: str, raw: bytes, sent: bytes, frame: Frame, size: int | None) -> bytes:
        return cast(bytes, await self.do(Tell(measure, raw, sent, frame, size)))

    async def do(self, job: Job) -> Done:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="large", daemon=True)
            self._thread.start()
        waiting = _Waiting(job, Future())
        self._jobs.put(waiting)
        done = await asyncio.wrap_future(waiting.done)
        if isinstance(done, Exception):
            raise done
        return done

    def close(self) -> None:
        self._jobs.put(None)

    def _run(self) -> None:
        while (waiting := self._jobs.get()) is not None:
            # Whoever left meanwhile needs no answer.
            if waiting.done.set_running_or_notify_cancel():
                try:
                    waiting.done.set_result(self._helper.done(waiting.job))
                except HelperError as error:
                    log.error("the process for large texts: %s", error)
                    waiting.done.set_exception(errors.failed())
                except Exception as error:  # whatever broke, the one who waits must learn of it
                    waiting.done.set_exception(error)
        self._helper.end()


@dataclass(slots=True)
class LargePrompt:
    """A prompt whose texts stay in the other process; only what is to be sent comes back."""

    texts: LargeTexts
    body: Body
    request: Request
    last: Scan | None = None

    async def scan(self, scan: Scan) -> Scanned:
        self.last = scan
        return cast(Scanned, await self.texts.do(ScanIt(self.body, scan)))

    async def settle(self, heard: Hits) -> Scanned:
        assert self.last is not None
        return cast(Scanned, await self.texts.do(ScanIt(self.body, self.last, heard)))
