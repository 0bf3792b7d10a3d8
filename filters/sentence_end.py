"""Where a sentence ends in text that is still coming.

Rule: when in doubt it has not ended. A sentence that is taken to be longer is held a little longer; one that
is cut too early ("A. Crane") could let a secret out before the name that makes it one.
"""

import re

LONGEST = 600
# How much of the text before a place is needed to judge an end there.
LEFT_CONTEXT = 4
_END = re.compile(r"(?P<stop>[.!?…]+)[\"'”’»)\]*_]*(?=\s)|[。！？]|\n[ \t\r]*\n")
_LETTERS = re.compile(r"[^\W\d_]+$")


def sentence_end(text: str, start: int) -> int | None:
    """The offset after the first sentence end at or after `start`; None where the text so far shows none."""
    for match in _END.finditer(text, start):
        if match["stop"] != "." or not _is_short_word(
            text[max(0, match.start() - LEFT_CONTEXT) : match.start()]
        ):
            return match.end()
    return None


def goes_on(text: str, end: int) -> bool:
    """Whether after what looks like a sentence's end a small letter comes, or may come: with the words in
    another order the stop is in the middle.
    """
    after = text[end:].lstrip()
    return not after or after[0].islower()


def _is_short_word(before: str) -> bool:
    """Whether it ends in a word of up to three letters: an initial, a title, an abbreviation, just "it"."""
    letters = _LETTERS.search(before)
    return letters is not None and len(letters[0]) < LEFT_CONTEXT
