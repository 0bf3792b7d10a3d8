"""Whether an answer has begun to repeat itself, and how much the divergence gives way then.

Rules: what counts is how far the last words can be compressed; it is looked at now and then, not at every
token. The divergence never gives way below `LEAST` of its strength, so nobody can free what is forgotten by
making the model stammer; once the words are varied again it is back.
"""

import zlib
from collections import deque
from typing import Final

WINDOW: Final = 64
EVERY: Final = 16
# Plain English of this length stays below 1.7, a list below 2.2; a sentence said five times is at 4.
MOST_COMPRESSED: Final = 3.0
LEAST: Final = 0.7


class Guard:
    """Of one answer. `strength` is what the divergence is scaled by."""

    __slots__ = ("_pieces", "_since", "strength")

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque(maxlen=WINDOW)
        self._since = 0
        self.strength = 1.0

    def push(self, piece: bytes) -> None:
        """What one more token of the answer puts into the text."""
        self._pieces.append(piece)
        self._since += 1
        if self._since >= EVERY and len(self._pieces) == WINDOW:
            self._since = 0
            self._judge()

    def copy(self) -> "Guard":
        copied = Guard()
        copied._pieces, copied._since, copied.strength = self._pieces.copy(), self._since, self.strength
        return copied

    def _judge(self) -> None:
        repeats = compression(b"".join(self._pieces)) >= MOST_COMPRESSED
        self.strength = LEAST if repeats else 1.0


def compression(text: bytes) -> float:
    """How many times shorter the text gets."""
    return len(text) / len(zlib.compress(text)) if text else 1.0
