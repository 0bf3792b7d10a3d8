"""Where sentences begin and end, by rule: one fact in a hundred words is invisible to one vector.

Laws, run by tests/index/test_sentences.py: spans are in order, do not overlap, and hold every character of
the text that is not white space; no window is longer than an encoder can read.
"""

import re

from policy.finding import Span

# The encoder reads 256 word pieces: this many characters of English stay well below.
LONGEST = 600
_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*(?=\s|$)|[。！？]|\n+")
# "Dr." and "J." do not end a sentence; a wrong guess only makes a window one sentence longer.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Jr|Sr|Mt|No|Prof|Gen|Col|Rev|[ei]\.[ge]|vs|etc|cf|approx)\.$"
)


def sentences(text: str) -> list[Span]:
    """The sentences, trimmed of white space; none for a blank text."""
    spans, start = [], 0
    for end in _ends(text):
        spans.extend(_pieces(text, start, end))
        start = end
    return spans


def windows(text: str, sizes: tuple[int, ...] = (1, 2, 3)) -> list[str]:
    """Every run of 1, 2 and 3 sentences, without repeats, in the order of the text."""
    spans = sentences(text)
    found: dict[str, None] = {}
    for first in range(len(spans)):
        for size in sizes:
            if first + size > len(spans):
                break
            window = text[spans[first].start : spans[first + size - 1].end]
            if size == 1 or len(window) <= LONGEST:
                found[window] = None
    return list(found)


def stretches(text: str, size: int = 3) -> list[str]:
    """The text in pieces of a few sentences: what a paragraph of it looks like."""
    spans = sentences(text)
    parts = [spans[first : first + size] for first in range(0, len(spans), size)]
    return [text[part[0].start : part[-1].end] for part in parts]


def _ends(text: str) -> list[int]:
    ends = [match.end() for match in _END.finditer(text) if not _is_abbreviation(text, match)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    if match.group() != "." or match.end() == len(text):
        return False
    return _ABBREVIATION.search(text, max(0, match.end() - 8), match.end()) is not None


def _pieces(text: str, start: int, end: int) -> list[Span]:
    """One sentence, trimmed; cut at white space where it is too long to be read in one go."""
    spans = []
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = _cut(text, start, end)
        trimmed = start + len(text[start:stop].rstrip())
        if trimmed > start:
            spans.append(Span(start, trimmed))
        start = stop
    return spans


def _cut(text: str, start: int, end: int) -> int:
    if end - start <= LONGEST:
        return end
    space = max(text.rfind(" ", start + 1, start + LONGEST), text.rfind("\n", start + 1, start + LONGEST))
    return space if space > start else start + LONGEST
