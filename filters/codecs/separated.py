"""Codes of single letters that are written apart: numbers, Morse, and what stands between them.

Rule: the separator that is met most often parts letters; any other parts words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from filters.codecs.decoded import Decoded

Token = tuple[str, int, int]


def tokens(pattern: re.Pattern[str], run: re.Match[str]) -> list[Token]:
    return [(match[0], *match.span()) for match in pattern.finditer(run.string, *run.span())]


def spelled(
    text: str, found: Sequence[Token], meaning: Callable[[str], str | None], view: str
) -> Iterator[Decoded]:
    """What the tokens spell, if each of them means something."""
    letters: list[str] = []
    for token, _, _ in found:
        letter = meaning(token)
        if letter is None:
            return
        letters.append(letter)
    gaps = [text[before[2] : after[1]] for before, after in pairwise(found)]
    usual = Counter(gaps).most_common(1)[0][0] if gaps else ""
    read: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, ((_, start, end), letter) in enumerate(zip(found, letters, strict=True)):
        if place and gaps[place - 1] != usual:
            read.append(" ")
            starts.append(found[place - 1][2] - 1)
            ends.append(start)
        for character in letter:
            read.append(character)
            starts.append(start)
            ends.append(end)
    if read:
        yield Decoded.of("".join(read), starts, ends, view)
