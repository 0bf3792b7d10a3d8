"""Digits stand in words, and a word is withheld whole.

Rule: cut out of "b555", the digits would leave a "b" that was no word before, and that could be the end of
something forgotten. So a number's span is widened to the words that its first and its last digit stand in.
"""

from bisect import bisect_right
from collections.abc import Sequence

from index.units import Unit


def covering(words: Sequence[Unit], place: int, open_at: int | None) -> tuple[int, int | None]:
    """Start and end of the words that hold this character; no end where the last of them is still open.

    A character can stand in two words ("½" is 1 and 2), so the first and the last of them count.
    """
    first = bisect_right(words, place, key=lambda word: word.end)
    start = words[first].start if first < len(words) else place
    if open_at is not None and open_at <= place:
        return min(start, open_at), None
    last = bisect_right(words, place, key=lambda word: word.start) - 1
    return min(start, place), max(words[last].end if last >= 0 else 0, place + 1)


def widened(figures: Sequence[Unit], words: Sequence[Unit]) -> list[Unit]:
    """The digits of a whole text, each with the span of its word."""
    spans = (covering(words, figure.start, None) for figure in figures)
    return [
        figure._replace(start=start, end=end or figure.end)
        for figure, (start, end) in zip(figures, spans, strict=True)
    ]
