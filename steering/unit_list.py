"""The units that forgotten texts are made of, by number; readable with the key alone.

Rules: numbers are in the order of keyed hashes, and every text is padded, so neither order nor size tells
what a unit is. `clear` says from how many letters on a beginning can hardly be any other word.
"""

from bisect import bisect_left
from collections.abc import Sequence
from hashlib import shake_128
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.key import subkey

NAME = "units"
_BLOCK = 16
_LENGTH = 2
# Beginnings of fewer letters are those of too many words in too many languages.
_LEAST_CLEAR = 4


class UnitList:
    """Texts are unmasked when they are asked for, and then remembered."""

    __slots__ = ("_clear", "_known", "_masked", "_secret", "_starts")

    def __init__(
        self, masked: NDArray[np.uint8], starts: NDArray[np.uint32], clear: NDArray[np.uint8], key: bytes
    ) -> None:
        self._masked, self._starts, self._clear = masked, starts, clear
        self._secret = subkey(key, "steering units")
        self._known: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._clear)

    def text(self, number: int) -> str:
        found = self._known.get(number)
        if found is None:
            first, last = int(self._starts[number]), int(self._starts[number + 1])
            plain = _masked(self._masked[first:last].tobytes(), number, self._secret)
            size = int.from_bytes(plain[:_LENGTH], "little")
            found = self._known[number] = plain[_LENGTH : _LENGTH + size].decode()
        return found

    def clear(self, number: int) -> int:
        return int(self._clear[number])

    def save(self, folder: Path) -> None:
        for part, array in (("masked", self._masked), ("starts", self._starts), ("clear", self._clear)):
            np.save(folder / f"{NAME}.{part}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "UnitList":
        masked, starts, clear = (
            np.load(folder / f"{NAME}.{part}.npy", mmap_mode="r", allow_pickle=False)
            for part in ("masked", "starts", "clear")
        )
        return cls(masked, starts, clear, key)


def unit_list(texts: Sequence[str], common: Sequence[str], key: bytes) -> UnitList:
    """`texts` by number; `common`: sorted words that everybody uses."""
    secret = subkey(key, "steering units")
    blocks = [_masked(_padded(text.encode()), number, secret) for number, text in enumerate(texts)]
    starts = np.cumsum([0, *map(len, blocks)], dtype=np.uint32)
    clear = np.array([_clear_from(text, common) for text in texts], dtype=np.uint8)
    return UnitList(np.frombuffer(b"".join(blocks), dtype=np.uint8), starts, clear, key)


def _padded(text: bytes) -> bytes:
    said = len(text).to_bytes(_LENGTH, "little") + text
    return said + bytes(-len(said) % _BLOCK)


def _masked(text: bytes, number: int, secret: bytes) -> bytes:
    stream = shake_128(secret + number.to_bytes(4, "little")).digest(len(text))
    return (int.from_bytes(text, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(text), "little")


def _clear_from(text: str, common: Sequence[str]) -> int:
    """The length of the shortest beginning that no other common word has."""
    for size in range(_LEAST_CLEAR, len(text)):
        if not _begins_another(text[:size], text, common):
            return size
    return len(text)


def _begins_another(beginning: str, text: str, common: Sequence[str]) -> bool:
    place = bisect_left(common, beginning)
    found = [word for word in common[place : place + 2] if word.startswith(beginning)]
    return any(word != text for word in found)
