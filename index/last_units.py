"""The last units of a long text, without reading all of it."""

import re

from index.units import Unit, units

_FIRST_TRY = 250
_SPACE = re.compile(r"[ \n]")


def last_units(text: str, count: int) -> list[Unit]:
    """At least so many units, if there are so many: read from near the end, from a space on."""
    size = _FIRST_TRY
    while size < len(text):
        space = _SPACE.search(text, len(text) - size)
        first = space.end() if space else len(text)
        read = units(text[first:])
        if len(read) >= count:
            return [unit._replace(start=unit.start + first, end=unit.end + first) for unit in read]
        size *= 4
    return units(text)
