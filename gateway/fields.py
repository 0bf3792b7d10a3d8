"""The fields of a request's head, by their names in small letters.

Rule: of one name there may be several, and readers differ in which of them they believe.
"""

from collections.abc import Mapping, Sequence

from starlette.types import Scope

Fields = Mapping[bytes, Sequence[bytes]]


def fields_of(scope: Scope) -> Fields:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value)
    return found
