"""What a database that does not answer may cost: the requests that need it, and nothing that grows."""

import asyncio
import threading
from collections.abc import Collection, Iterator, Sequence

import pytest

from filters.pieces import Piece
from gateway.errors import ApiError
from gateway.memory import memory
from gateway.memory.memory import Memory
from gateway.memory.store import MEMORY, Kept, Store

SESSION, PIECE = [b"0" * 16], [Piece(1, 1)]
MOST = 3


class Stuck(Store):
    """It answers nobody until it is let go."""

    def __init__(self) -> None:
        super().__init__(MEMORY)
        self.go, self.taken = threading.Event(), threading.Event()
        self.written = 0

    def read(self, sessions: Sequence[bytes], owners: Collection[int], now: float) -> tuple[Piece, ...]:
        assert self.go.wait(60)
        return super().read(sessions, owners, now)

    def write(self, kept: Sequence[Kept]) -> None:
        self.taken.set()
        assert self.go.wait(60)
        self.written += len(kept)
        super().write(kept)


@pytest.fixture
def store() -> Stuck:
    return Stuck()


@pytest.fixture
def stuck(store: Stuck, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    monkeypatch.setattr(memory, "MOST_WAITING", MOST)
    monkeypatch.setattr(memory, "WAIT_S", 0.1)
    one = Memory(store, ttl_s=60)
    yield one
    store.go.set()
    one.close()


def test_reads_that_nobody_answers_do_not_pile_up(stuck: Memory, store: Stuck) -> None:
    async def run() -> int:
        async def recall() -> None:
            with pytest.raises(ApiError):
                await stuck.recall(SESSION, PIECE)

        for _ in range(3):
            await asyncio.gather(*(recall() for _ in range(2 * MOST)))
        waiting = stuck._reading
        store.go.set()
        await asyncio.to_thread(stuck._readers.shutdown)
        return waiting

    assert asyncio.run(run()) == MOST


def test_writes_that_nobody_takes_do_not_pile_up(stuck: Memory, store: Stuck) -> None:
    """One is with the store; so many wait; what comes then is told at once, and never written."""

    async def run() -> None:
        first = stuck.keep(SESSION, PIECE)
        assert await asyncio.to_thread(store.taken.wait, 60)
        rest = [stuck.keep(SESSION, PIECE) for _ in range(2 * MOST)]
        assert [one.done() for one in rest] == [False] * MOST + [True] * MOST
        with pytest.raises(ApiError):
            await stuck.kept(rest[-1])
        store.go.set()
        for one in (first, *rest[:MOST]):
            await asyncio.wrap_future(one)
        assert store.written == 1 + MOST

    asyncio.run(run())


def test_what_is_written_fast_is_pruned_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PRUNE_ROWS", 4)
    store = Store(MEMORY, key_rows=3)
    quick = Memory(store, ttl_s=60, clock=iter(range(1, 1000)).__next__)

    async def run() -> None:
        for number in range(12):
            await quick.kept(quick.keep([bytes([number]) * 16], PIECE, b"k" * 16))

    asyncio.run(run())
    left = [number for number in range(12) if store.read([bytes([number]) * 16], {1}, 0.0)]
    quick.close()
    assert left == [9, 10, 11]
