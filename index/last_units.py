"""The last units of a long text, without reading all of it."""

import re

from index.units import Unit, units

_FIRST_TRY = 100
_SPACE = re.compile(r"[ \n]")


def last_units(text: str, count: int, at: int = 0) -> list[Unit]:
    """So many units, or all: read from near the end, from a space on. `at` is where the text begins."""
    size, first = _FIRST_TRY, 0
    read: list[Unit] = []
    while size < len(text) and len(read) < count:
        space = _SPACE.search(text, len(text) - size)
        first = space.end() if space else len(text)
        read = units(text[first:])
        size *= 4
    if len(read) < count:
        first, read = 0, units(text)
    moved = first + at
    return [Unit(unit.text, unit.start + moved, unit.end + moved, unit.capital) for unit in read[-count:]]
