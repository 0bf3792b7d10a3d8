"""Whether a whole text has a run that may be a code, told by its odd tokens alone.

Rule: when in doubt, yes; where it is no, `OddRuns` tells nothing of the text either (tested).
"""

import re

from filters.codecs.prose import plain_until
from filters.odd_runs import LEAST_PARTS, LONGEST_TOKEN, PLAIN, SCRIPT, parts, tells

_IN_SCRIPT = re.compile(f"[{SCRIPT}]")
# Of a token that is no plain word, all of it.
_ODD = re.compile(rf"(?<!\S)(?!(?>{PLAIN.pattern})(?!\S))\S+")


def may_run(text: str) -> bool:
    # Between such letters a token may begin without a space.
    if not text.isascii() and _IN_SCRIPT.search(text):
        return True
    at, count = plain_until(text), 0
    for odd in _ODD.finditer(text, at):
        if not text[at : odd.start()].isspace():
            count = 0
        at, count = odd.end(), count + parts(odd[0])
        if count >= LEAST_PARTS or len(odd[0]) > LONGEST_TOKEN or tells(odd[0]):
            return True
    return False
