"""The end of a prompt: as much as an answer could go on with, and complete a forgotten string.

Rule: it holds the last units that a string can have, and not many more. A digit stands in a unit, so the last
units hold the last digits too; those without one are left out.
"""

import re
from collections.abc import Sequence

from filters.segment import Segment
from index.last_units import last_units
from index.snapshot import Snapshot
from policy.surface import Role

_WORD, _DIGIT = re.compile("[0-9A-Za-z]"), re.compile("[0-9]")
# Far longer than the units a forgotten string can have, short enough to be read in no time.
_MOST = 4000


def tail(segments: Sequence[Segment], snapshot: Snapshot) -> str:
    """Only an assistant's last turn, and what says so, can be gone on with: any other ends its last word."""
    text = "\n".join(segment.text[-_MOST:] for segment in segments[-50:])[-_MOST:]
    last = segments[-1] if segments else None
    text += "" if last is not None and (last.role is Role.ASSISTANT or last.goes_on) else "\n"
    return _end(text, snapshot)


def tails(segments: Sequence[Segment], snapshot: Snapshot) -> tuple[tuple[int, str], ...]:
    """Of all that has choices of its own, the first of these, and the end of what they go on with."""
    own: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.begins is not None:
            own.setdefault(segment.begins, []).append(segment)
    return tuple((first, tail(said, snapshot)) for first, said in sorted(own.items()))


def after(texts: Sequence[str], snapshot: Snapshot) -> str:
    """The end of what stands before a text that is apart from it: no word is gone on with."""
    return _end(aside(texts), snapshot)


def aside(texts: Sequence[str]) -> str:
    """The same, and more of it: of a passage in many pieces each may be short, with other words around."""
    return "".join(f"{text[-_MOST:]}\n" for text in texts)[-_MOST:]


def _end(text: str, snapshot: Snapshot) -> str:
    words, figures = max(snapshot.passages.longest, snapshot.phrases.longest), snapshot.digits.longest
    found = _by_spaces(text, words, figures)
    return _by_units(text, words, figures) if found is None else found


def _by_spaces(text: str, words: int, figures: int) -> str | None:
    """What holds as many units, found in a fifth of the time; None where it may not."""
    pieces = text.rsplit(None, max(words, figures))[1:]
    plain = all(map(str.isascii, pieces)) and all(map(_WORD.search, pieces))
    if not plain or len(pieces) < max(words, figures):
        return None
    first = next((place for place, piece in enumerate(pieces[-figures:]) if _DIGIT.search(piece)), figures)
    wanted = max(words, figures - first)
    return text[len(text.rsplit(None, wanted)[0]) :].lstrip() if wanted else ""


def _by_units(text: str, words: int, figures: int) -> str:
    read = last_units(text, max(words, figures, 1))
    wanted = [unit.start for unit in read[-words:] if words]
    wanted += [unit.start for unit in read[-figures:] if figures and any(map(str.isdigit, unit.text))]
    return text[min(wanted, default=len(text)) :]
