"""A passage of an entry as its units, which every table of windows is made of.

Rule: one too short to be told from usual phrases is refused, and the message names the entry, never its text.
"""

from collections.abc import Sequence

from index.whole_text import WholeText
from policy.entry import Entry

LEAST_UNITS = 4


class BuildError(ValueError):
    """The policy cannot be compiled; names the entry, never its text."""


def passage_units(entry: Entry, place: int) -> Sequence[str]:
    """Of the passage at this place in the entry."""
    words = WholeText.of(entry.passages[place]).words
    check_units(entry.id, place + 1, words)
    return words


def check_units(entry: str, number: int, words: Sequence[str]) -> None:
    """Of the entry's passage of this number."""
    if len(words) < LEAST_UNITS:
        raise BuildError(
            f"entry {entry}: passage {number} has {len(words)} words, expected {LEAST_UNITS} or more; "
            "list such a short text under secrets"
        )
