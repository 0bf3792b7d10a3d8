"""The end of a prompt: as much as an answer could go on with, and complete a forgotten string.

Rule: it holds the last units that a string can have. A digit stands in a unit, so the last units hold the
last digits too; those without one are left out.
"""

from collections.abc import Sequence

from filters.segment import Segment
from index.last_units import last_units
from index.snapshot import Snapshot
from policy.surface import Role

# Far longer than the units a forgotten string can have, short enough to be read in no time.
_MOST = 4000


def tail(segments: Sequence[Segment], snapshot: Snapshot) -> str:
    """Only an assistant's last turn can be gone on with: any other ends its last word."""
    text = "\n".join(segment.text[-_MOST:] for segment in segments[-50:])[-_MOST:]
    text += "" if segments and segments[-1].role is Role.ASSISTANT else "\n"
    words, figures = max(snapshot.passages.longest, snapshot.phrases.longest), snapshot.digits.longest
    read = last_units(text, max(words, figures, 1))
    wanted = [unit.start for unit in read[-words:] if words]
    wanted += [unit.start for unit in read[-figures:] if figures and any(map(str.isdigit, unit.text))]
    return text[min(wanted, default=len(text)) :]
