"""What sessions said before, remembered for a time: pieces that add up over requests.

Rules:
1. A request that says no piece asks nothing and writes nothing.
2. What one request said counts in the next: it is written before the last byte of its answer leaves.
3. A memory that cannot be read or written is an error for the requests that need it (or, by choice, taken
   for an empty one). It is told once when it breaks and once when it works again.
4. At most `MOST_WAITING` reads and as many writes wait for a store that does not answer; more fail at once.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from filters.pieces import Piece
from gateway import errors
from gateway.memory.store import WAIT_S, Kept, Store, StoreError

log = logging.getLogger("unsay")

BATCH = 256
PRUNE_S = 60.0
# What one process may write before it looks again whether that is too much.
PRUNE_ROWS = 10_000
READERS = 4
MOST_WAITING = 1000
TOO_MANY = "too many wait for it"

Clock = Callable[[], float]


class Memory:
    """Of one process; all processes share the store. `failed` is told of every failure."""

    def __init__(
        self,
        store: Store,
        ttl_s: float,
        failed: Callable[[], None] = lambda: None,
        *,
        takes_broken_for_empty: bool = False,
        clock: Clock = time.time,
    ) -> None:
        self._store, self._clock, self._failed = store, clock, failed
        self.ttl_s, self._takes_broken_for_empty = ttl_s, takes_broken_for_empty
        self._waiting: queue.SimpleQueue[tuple[Kept, Future[None]] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, "memory-reader")
        self._reading = 0
        self._broken = self._tried = False
        self._pruned, self._fresh = clock(), 0
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self._thread.start()

    async def recall(self, sessions: Sequence[bytes], pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """What these sessions said before about what these pieces are of."""
        try:
            # Whoever gives up leaves it running: what was cancelled would still stand in the queue.
            async with asyncio.timeout(2 * WAIT_S):
                found = await asyncio.shield(self._read(sessions, pieces))
        except (StoreError, TimeoutError) as error:
            self._fails(error)
            return ()
        self._works()
        return found

    def _read(
        self, sessions: Sequence[bytes], pieces: Sequence[Piece]
    ) -> "asyncio.Future[tuple[Piece, ...]]":
        if self._reading >= MOST_WAITING:
            raise StoreError(TOO_MANY)
        owners = {piece.owner for piece in pieces}
        read = asyncio.get_running_loop().run_in_executor(
            self._readers, self._store.read, sessions, owners, self._clock()
        )
        self._reading += 1
        read.add_done_callback(self._was_read)
        return read

    def _was_read(self, read: "asyncio.Future[tuple[Piece, ...]]") -> None:
        self._reading -= 1
        # Looked at, or asyncio tells of an error that nobody waited for.
        read.cancelled() or read.exception()

    def keep(
        self, sessions: Sequence[bytes], pieces: Sequence[Piece], holder: bytes | None = None
    ) -> "Future[None]":
        """Done when it is written. The clock is read now: what waits long does not count longer."""
        kept = Kept(tuple(sessions), tuple(pieces), self._clock() + self.ttl_s, holder)
        written = Future[None]()
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put((kept, written))
        else:
            written.set_exception(StoreError(TOO_MANY))
        return written

    async def kept(self, writing: "Future[None]") -> None:
        try:
            async with asyncio.timeout(2 * WAIT_S):
                await asyncio.wrap_future(writing)
        except (StoreError, TimeoutError) as error:
            self._fails(error)
        else:
            self._works()

    async def reached(self) -> bool:
        """Whether it can be used; opens it. What cannot be opened is told, and an error for who needs it."""
        if self._broken or not self._tried:
            self._tried = True
            try:
                await asyncio.to_thread(self._store.prepare)
            except StoreError as error:
                self._tell(error)
            else:
                self._works()
        return not self._broken or self._takes_broken_for_empty

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._store.close()

    def _fails(self, error: Exception) -> None:
        self._tell(error)
        if not self._takes_broken_for_empty:
            raise errors.no_memory() from None

    def _tell(self, error: Exception) -> None:
        self._failed()
        if not self._broken:
            log.error("the memory of sessions cannot be used: %s", error or "it does not answer")
        self._broken = True

    def _works(self) -> None:
        if self._broken:
            log.warning("the memory of sessions can be used again")
        self._broken = False

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, ended = self._gather(first)
            self._write(batch)
            if ended:
                return

    def _gather(self, first: tuple[Kept, "Future[None]"]) -> tuple[list[tuple[Kept, "Future[None]"]], bool]:
        batch = [first]
        while len(batch) < BATCH:
            try:
                one = self._waiting.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return batch, True
            batch.append(one)
        return batch, False

    def _write(self, batch: Sequence[tuple[Kept, "Future[None]"]]) -> None:
        # Whoever gave up waiting said it all the same, so it is written.
        waiting = [future for _, future in batch if future.set_running_or_notify_cancel()]
        try:
            self._store.write([kept for kept, _ in batch])
            self._fresh += sum(len(kept.sessions) * len(kept.pieces) for kept, _ in batch)
            if (now := self._clock()) - self._pruned > PRUNE_S or self._fresh >= PRUNE_ROWS:
                self._pruned, self._fresh = now, 0
                self._store.prune(now)
        except Exception as error:  # the one boundary: whoever waits must learn of it
            told = error if isinstance(error, StoreError) else StoreError(type(error).__name__)
            for future in waiting:
                future.set_exception(told)
            return
        for future in waiting:
            future.set_result(None)
