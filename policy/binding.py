"""Whether the models, and the keys, that entries name are among those that there are.

Rule: a pattern that fits none is told, with what is near it, and never refused: its model may come later.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import chain
from typing import Final, Protocol

from policy.problem import shortened

MOST_TOLD: Final = 10
_FEW: Final = 3


class Bound(StrEnum):
    """What an entry binds, by the field whose patterns say it."""

    MODELS = "models"
    KEYS = "keys"


class Binding(Protocol):
    """An entry, whole or as it is in a snapshot."""

    @property
    def id(self) -> str: ...

    @property
    def models(self) -> tuple[str, ...]: ...

    @property
    def keys(self) -> tuple[str, ...]: ...


def unbound(entries: Iterable[Binding], names: Collection[str], bound: Bound = Bound.MODELS) -> Iterator[str]:
    """A warning for each pattern that fits none of the names, where any are known."""
    if not names:
        return
    patterned = [(entry, _patterns(entry, bound)) for entry in entries]
    patterns = dict.fromkeys(chain.from_iterable(listed for _, listed in patterned))
    fits = {pattern: _fits(pattern, names) for pattern in patterns}
    missed = [pattern for pattern, any_fits in fits.items() if not any_fits]
    for pattern in missed[:MOST_TOLD]:
        holders = [(entry, listed) for entry, listed in patterned if pattern in listed]
        bare = [entry for entry, listed in holders if not any(fits[each] for each in listed)]
        told = f"{bound}: {_told(pattern, names, [entry for entry, _ in holders])}"
        yield told + (f"; nothing is withheld of {_named(bare)}" if bare else "")
    if len(missed) > MOST_TOLD:
        yield f"{bound}: {len(missed) - MOST_TOLD:,} other patterns fit no {bound[:-1]} either"


def _patterns(entry: Binding, bound: Bound) -> tuple[str, ...]:
    return entry.models if bound is Bound.MODELS else entry.keys


def _fits(pattern: str, names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)


def _told(pattern: str, names: Collection[str], holders: Sequence[Binding]) -> str:
    near = get_close_matches(pattern, names, n=1)
    meant = f" (did you mean {shortened(near[0])}?)" if near else ""
    found = f"{shortened(pattern)} in {_named(holders)} fits none of"
    return f"{found} {_few([shortened(name) for name in sorted(names)], MOST_TOLD)}{meant}"


def _named(entries: Sequence[Binding]) -> str:
    return _few([entry.id for entry in entries], _FEW)


def _few(shown: Sequence[str], most: int) -> str:
    more = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
