"""How many requests of one key the gateway has under way, those that wait among them.

Rule: one key cannot take all places, nor all of the queue, from the others.
"""

from gateway import errors
from gateway.limits.under_way import UnderWay


class AtOnce:
    """Around one request. `key`: its number in the table of what is under way."""

    __slots__ = ("_key", "_most", "_under_way")

    def __init__(self, key: int, most: int | None, under_way: UnderWay) -> None:
        self._key, self._most, self._under_way = key, most, under_way

    def __enter__(self) -> None:
        if not self._under_way.begin(self._key, self._most):
            raise errors.too_many_at_once(self._most or 0)

    def __exit__(self, *_: object) -> None:
        self._under_way.end(self._key)
