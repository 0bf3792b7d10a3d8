"""Whether a whole text has a run that may be a code, told by its odd tokens alone.

Rule: when in doubt, yes; where it is no, `OddRuns` tells nothing of the text either (tested).
"""

import re

from filters.codecs.bare import bare
from filters.codecs.prose import plain_until
from filters.odd_runs import LEAST_PARTS, LONGEST_TOKEN, PLAIN, SCRIPT, parts, tells

_IN_SCRIPT = re.compile(f"[{SCRIPT}]")
# Of a token that is no plain word, or one sign, all of it.
_ODD = re.compile(rf"(?<!\S)(?:[!-~](?!\S)|(?!(?>{PLAIN.pattern})(?!\S))\S+)")
_FOREIGN = re.compile(r"[\x21-\x7e]*[^\x00-\x7f\s]\S*")


def _foreign(text: str) -> bool:
    """Between letters of some scripts a token may begin without a space; one that is dressed is read bare."""
    return _IN_SCRIPT.search(text) is not None or any(map(bare, _FOREIGN.findall(text)))


def may_run(text: str) -> bool:
    if not text.isascii() and _foreign(text):
        return True
    at, count = plain_until(text), 0.0
    for odd in _ODD.finditer(text, at):
        if not text[at : odd.start()].isspace():
            count = 0.0
        at, count = odd.end(), count + parts(odd[0])
        if count >= LEAST_PARTS or len(odd[0]) > LONGEST_TOKEN or tells(odd[0]):
            return True
    return False
