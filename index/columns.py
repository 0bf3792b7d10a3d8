"""Named arrays that something is compiled into, each of them read when it is asked for.

What is merged is told from the sizes first; so no more than one array of one part is in memory at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class Columns(Protocol):
    """Arrays by name. `sizes`: how many items each has."""

    @property
    def sizes(self) -> Mapping[str, int]: ...

    def __getitem__(self, name: str) -> Array: ...


@dataclass(frozen=True, slots=True)
class Held:
    """In memory."""

    arrays: Mapping[str, Array]

    @property
    def sizes(self) -> Mapping[str, int]:
        return {name: len(array) for name, array in self.arrays.items()}

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]


def lengths(columns: Columns, prefix: str) -> Iterator[tuple[int, int]]:
    """Of the arrays named by a length behind this prefix: the length and the size."""
    for name, size in columns.sizes.items():
        if name.startswith(prefix):
            yield int(name[len(prefix) :]), size
