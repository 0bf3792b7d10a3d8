"""How much of one text stands in another, in its order: the recall of ROUGE-L (Lin 2004)."""

import re
from collections.abc import Sequence
from typing import Final

LEAST_WORDS: Final = 8
MOST_WORDS: Final = 2_000
_WORD: Final = re.compile(r"[^\W_]+")


def rouge_recall(told: str, said: str) -> float:
    """The share of `told` in its longest common subsequence with `said`; 0 for what is too short to judge."""
    wanted, found = _words(told), _words(said)
    return _common(wanted, found) / len(wanted) if len(wanted) >= LEAST_WORDS else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())[:MOST_WORDS]


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """The length of the longest common subsequence, a bit for each word of the left (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(left):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(left)) - 1
    row = every
    for word in right:
        hit = row & places.get(word, 0)
        row = ((row + hit) | (row - hit)) & every
    return len(left) - row.bit_count()
