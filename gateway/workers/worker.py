"""One of the processes that serve. What is heavy was loaded before it was forked; the rest is opened here.

Rules: a worker that cannot take what is new ends, and its replacement begins with it: no two policies serve
for long. A worker whose parent is gone ends what is under way, closed, and itself.
"""

import asyncio
import gc
import logging
import signal
import socket
from dataclasses import dataclass
from multiprocessing.connection import Connection

from gateway.doubt_work import Start
from gateway.place import place
from gateway.protection import Protection
from gateway.server import Server, settings
from gateway.services import open_audit
from gateway.workers.shared import Shared
from gateway.workers.source import TOLD, Found, Opened, Source
from policy.digest import contents_digest

log = logging.getLogger("unsay")

# Objects made and not yet freed before the youngest are looked through; the default is 700.
GC_AFTER = 50_000


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker accepts requests."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The worker cannot serve; says why."""

    said: str


@dataclass(frozen=True, slots=True)
class Take:
    """What is in force from now on, and since when it is known that something newer cannot be used."""

    found: Found
    failed_at: float | None


@dataclass(frozen=True, slots=True)
class Took:
    """What was told last is in force in this worker."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End, within so many seconds."""

    drain_s: float


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker starts with. `listener` is bound."""

    source: Source
    listener: socket.socket
    taken: Take
    opened: Opened
    shared: Shared


def work(post: Post, line: Connection) -> None:
    """Serve until told to leave."""
    try:
        worker = Worker(post, line)
    except TOLD as error:
        line.send(Broken(str(error)))
        raise SystemExit(1) from None
    worker.run(sockets=[post.listener])


class Worker(Server):
    def __init__(self, post: Post, line: Connection) -> None:
        config = post.taken.found.config
        audit = open_audit(config)
        protection = protection_of(post.taken.found, post.opened)
        super().__init__(settings(config, protection, audit, post.shared))
        self._source, self._taken, self._line = post.source, post.taken, line
        self._turn = asyncio.Lock()
        self._swaps: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        helm = self.services.helm
        if helm is not None and (refusal := await helm.proof.refusal()):
            self._line.send(Broken(refusal))
            self.should_exit = True
            return
        # What lives now lives on: collections leave it alone, and come seldom enough for a stream of events.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_AFTER)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line.fileno(), self._heard)
        loop.add_signal_handler(signal.SIGTERM, self.leave)
        self.services.reload_failed(self._taken.failed_at)
        self._line.send(Ready())

    def _heard(self) -> None:
        try:
            said = self._line.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            said = Leave(0.0)
        match said:
            case Leave(drain_s):
                self.leave(drain_s)
            case Take():
                self._taken = said
                swap = asyncio.ensure_future(self._swap(said))
                self._swaps.add(swap)
                swap.add_done_callback(self._swaps.discard)

    async def _swap(self, taken: Take) -> None:
        """One at a time, and the newest only."""
        async with self._turn:
            if taken is not self._taken:
                return
            try:
                await self._put_in_force(taken.found)
            except Exception as error:
                # Its message may hold text.
                log.error(
                    "a worker cannot take the new snapshot (%s in %s); another replaces it",
                    type(error).__name__,
                    place(error),
                )
                self.leave()
            else:
                self.services.reload_failed(taken.failed_at)
                self._line.send(Took())

    async def _put_in_force(self, found: Found) -> None:
        protection = await asyncio.to_thread(lambda: protection_of(found, self._source.open(found)))
        await protection.warm()
        self.services.take(found.config, protection)


def protection_of(found: Found, opened: Opened) -> Protection:
    config, policy = found.config, found.policy
    asking = Start(config.policy, contents_digest(policy), config.judge) if config.judge else None
    told, judge_s = opened.monitored, config.limits.judge_s
    shadow = None if told is None else Protection(policy, told.snapshot, told.judge, judge_s)
    return Protection(policy, opened.snapshot, opened.judge, judge_s, asking=asking, shadow=shadow)
