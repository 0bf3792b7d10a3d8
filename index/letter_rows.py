"""What a stored string of letters is: whose, which way round, by which key it is supplied.

Rule: rows are masked by their place, under the key: nobody reads one without it. A mask is made for four rows
at once.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.key import subkey

ROWS = "rows"
# Thirteen bits are kept of how the first words of a string hash: the highest, which all words decide.
STARTS_AT = 51
_AT_ONCE = 4

Rows = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Row:
    """What a stored string is: `owner` a phrase's or a passage's number, `key` that by which it is supplied.

    `start`: thirteen bits of how its first words hash, by which it is known when it stands in the text as it
    is. `first`: its first letter (26: none of the alphabet). `letters` and `digits`: how many it has.
    """

    owner: int
    passage: bool
    backwards: bool
    start: int
    key: int
    first: int = 0
    letters: int = 0
    digits: int = 0

    def packed(self) -> tuple[int, int]:
        flags, sizes = self.passage | self.backwards << 1, self.letters | self.digits << 6
        return self.key, self.owner | self.first << 32 | flags << 37 | sizes << 39 | self.start << 51

    @staticmethod
    def unpacked(key: int, told: int) -> "Row":
        return Row(
            owner=told & 0xFFFFFFFF,
            passage=bool(told >> 37 & 1),
            backwards=bool(told >> 38 & 1),
            first=told >> 32 & 31,
            letters=told >> 39 & 63,
            digits=told >> 45 & 63,
            start=told >> 51,
            key=key,
        )


class MaskedRows:
    """Those of one table, whose name is `name`, of each of its levels."""

    __slots__ = ("_levels", "_secret")

    def __init__(self, key: bytes, name: str, *levels: Rows) -> None:
        self._secret, self._levels = subkey(key, name), levels

    def __getitem__(self, number: int) -> Row:
        place = number
        for rows in self._levels:
            if place < len(rows):
                key, told = (rows[place] ^ masks(self._secret, number, 1)[0]).tolist()
                return Row.unpacked(key, told)
            place -= len(rows)
        raise IndexError(number)


def masks(secret: bytes, first: int, count: int) -> Rows:
    """Of so many rows from this place on. To put one on a row twice takes it off."""
    begin, end = first // _AT_ONCE, -(-(first + count) // _AT_ONCE)
    made = b"".join(
        blake2b(place.to_bytes(8, "little"), digest_size=16 * _AT_ONCE, key=secret).digest()
        for place in range(begin, end)
    )
    rows: Rows = np.frombuffer(made, dtype="<u8").reshape(-1, 2)
    return rows[first - begin * _AT_ONCE :][:count]
