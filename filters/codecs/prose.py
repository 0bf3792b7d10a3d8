"""Plain prose, told at a glance: words of letters, each with at most one mark behind it.

Rule: in what is prose here no run begins (tested); so the many texts that hold nothing else cost one pass of
a pattern that never goes back.
"""

import re

# A letter or two that stand alone begin none where a word follows.
_PLAIN = re.compile(r"\s*+(?:(?:[A-Za-z][.,;:?!]?\s++){0,2}[A-Za-z][a-z]{1,23}[.,;:?!]?\s++)*+")


def plain_until(text: str) -> int:
    """How far no token begins a run: all of it, or up to the first that may."""
    # The last word ends with a space too.
    match = _PLAIN.match(f"{text} ")
    return min(match.end(), len(text)) if match else 0
