"""A text in place of every value of an answer, each time of one alone, and in a new field of every object."""

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def planted(value: Any, text: str) -> Iterator[tuple[Path, Any]]:
    """Where the text stands, and the value with it there: alone, in a list, and as a key."""
    for path in _paths(value, ()):
        for each in (text, [text], {text: 1}):
            yield path, _with(value, path, each)


def _paths(value: Any, path: Path) -> Iterator[Path]:
    match value:
        case dict():
            yield (*path, "brand_new")
            for name, item in value.items():
                yield from _paths(item, (*path, name))
        case list():
            for place, item in enumerate(value):
                yield from _paths(item, (*path, place))
    if path:
        yield path


def _with(value: Any, path: Path, text: Any) -> Any:
    value = copy.deepcopy(value)
    node = value
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = text
    return value
