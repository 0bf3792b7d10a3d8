"""How many requests of each key all workers together have under way, those that wait among them.

Rules: what one worker has under way it alone writes. What it had when it was killed counts until its parent
knows that it is gone, and then no more, whoever takes its place.
"""

from dataclasses import dataclass

from gateway.limits.shared_table import SharedTable

# More than one worker can have under way.
_MOST = 2**24


@dataclass(frozen=True, slots=True)
class UnderWay:
    """As one worker sees it. `life`: its own number; what one before it left is not its own."""

    table: SharedTable
    workers: int
    worker: int
    life: int

    def begin(self, key: int, most: int | None) -> bool:
        """One more of the key with this number. Gives whether there were fewer than `most`."""
        if most is None:
            self._add(key, 1)
            return True
        with self.table.locked(self._cell(key, 0)):
            fewer = self._count(key) < most
            if fewer:
                self._add(key, 1)
            return fewer

    def end(self, key: int) -> None:
        self._add(key, -1)

    def _count(self, key: int) -> int:
        return sum(self._of(key, worker, self.table[worker]) for worker in range(self.workers))

    def _of(self, key: int, worker: int, life: float) -> int:
        whose, count = divmod(int(self.table[self._cell(key, worker)]), _MOST)
        return count if whose == life else 0

    def _add(self, key: int, more: int) -> None:
        count = self._of(key, self.worker, self.life) + more
        self.table[self._cell(key, self.worker)] = self.life * _MOST + count

    def _cell(self, key: int, worker: int) -> int:
        """The first rows say who lives."""
        return self.workers * (key + 1) + worker


class Workers:
    """As their parent sees it. Make it before forking."""

    def __init__(self, workers: int, keys: int) -> None:
        self._table, self._workers = SharedTable(workers * (keys + 1)), workers
        self._born = 0

    def born(self) -> UnderWay:
        """For the next worker. Raises ValueError where there are as many as there may be."""
        worker = [self._table[each] for each in range(self._workers)].index(0.0)
        self._born += 1
        self._table[worker] = self._born
        return UnderWay(self._table, self._workers, worker, self._born)

    def gone(self, worker: UnderWay) -> None:
        """It has ended, and nothing that it had under way counts any more."""
        self._table[worker.worker] = 0.0
