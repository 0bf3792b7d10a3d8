"""How many requests of one key one worker has under way, those that wait among them.

Rule: one key cannot take all places, nor all of the queue, from the others.
"""

from collections import Counter

from gateway import errors


class AtOnce:
    """Around one request. `under_way` is of all keys of the worker, and stays when settings change."""

    __slots__ = ("_key", "_most", "_under_way")

    def __init__(self, key: str | None, most: int | None, under_way: Counter[str | None]) -> None:
        self._key, self._most, self._under_way = key, most, under_way

    def __enter__(self) -> None:
        if self._most is not None and self._under_way[self._key] >= self._most:
            raise errors.too_many_at_once(self._most)
        self._under_way[self._key] += 1

    def __exit__(self, *_: object) -> None:
        self._under_way[self._key] -= 1
