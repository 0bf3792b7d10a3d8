"""Plain prose, told at a glance: words of letters, each with at most one mark behind it.

Rule: of what is prose here nothing is odd, neither a stretch nor a run (tested); so the many texts that hold
nothing else cost one pass of a pattern that never goes back.
"""

import re

_WORD = r"[A-Z]?[a-z]{2,12}[.,;:?!]?\s++"
# A letter that stands alone. Three of them that stand close are odd.
_SINGLE = r"(?:[AaI]|[A-Za-z][a-z]{1,10}'[a-z])[.,;:?!]?\s++"
_PROSE = re.compile(rf"\s*+(?:{_WORD})*+(?:{_SINGLE}(?:{_WORD})*+){{0,2}}+")
_PLAIN = re.compile(r"\s*+(?:[A-Za-z][a-z]{0,23}[.,;:?!]?\s++)*+")


def is_prose(text: str) -> bool:
    """Whether no stretch of it is odd."""
    return _end(_PROSE, text) > len(text)


def plain_until(text: str) -> int:
    """How far no token begins a run: all of it, or up to the first that may."""
    return min(_end(_PLAIN, text), len(text))


def _end(pattern: re.Pattern[str], text: str) -> int:
    # The last word ends with a space too.
    match = pattern.match(f"{text} ")
    return match.end() if match else 0
