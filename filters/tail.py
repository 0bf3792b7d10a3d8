"""The end of a prompt: as much as an answer could go on with, and complete a forgotten string.

Rule: it holds the last units that a string can have. A digit stands in a unit, so the last units hold the
last digits too; those without one are left out.
"""

import re
from collections.abc import Sequence

from filters.segment import Segment
from index.snapshot import Snapshot
from index.units import Unit, units
from policy.surface import Role

# Far longer than the units a forgotten string can have, short enough to be read in no time.
_MOST = 4000
_FIRST_TRY = 250
_SPACE = re.compile(r"[ \n]")


def tail(segments: Sequence[Segment], snapshot: Snapshot) -> str:
    """Only an assistant's last turn can be gone on with: any other ends its last word."""
    text = "\n".join(segment.text[-_MOST:] for segment in segments[-50:])[-_MOST:]
    text += "" if segments and segments[-1].role is Role.ASSISTANT else "\n"
    words, figures = max(snapshot.passages.longest, snapshot.phrases.longest), snapshot.digits.longest
    read = _last_units(text, max(words, figures))
    wanted = [unit.start for unit in read[-words:] if words]
    wanted += [unit.start for unit in read[-figures:] if figures and any(map(str.isdigit, unit.text))]
    return text[min(wanted, default=len(text)) :]


def _last_units(text: str, count: int) -> list[Unit]:
    """At least so many units, if there are so many: read from the end, from a space on."""
    size = _FIRST_TRY
    while size < len(text):
        space = _SPACE.search(text, len(text) - size)
        first = space.end() if space else len(text)
        read = units(text[first:])
        if len(read) >= count:
            return [unit._replace(start=unit.start + first) for unit in read]
        size *= 4
    return units(text)
