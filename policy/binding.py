"""Whether the models that entries name are among those that there are.

Rule: a pattern that fits no model is told, with what is near it, and never refused: its model may come later.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import chain
from typing import Final, Protocol

from policy.problem import shortened

MOST_TOLD: Final = 10
_FEW: Final = 3


class Binding(Protocol):
    """An entry, whole or as it is in a snapshot."""

    @property
    def id(self) -> str: ...

    @property
    def models(self) -> tuple[str, ...]: ...


def unbound(entries: Iterable[Binding], models: Collection[str]) -> Iterator[str]:
    """A warning for each pattern that fits none of the models, where any are known, by any of their names."""
    if not models:
        return
    entries = tuple(entries)
    patterns = dict.fromkeys(chain.from_iterable(entry.models for entry in entries))
    fits = {pattern: _fits(pattern, models) for pattern in patterns}
    missed = [pattern for pattern, any_fits in fits.items() if not any_fits]
    for pattern in missed[:MOST_TOLD]:
        holders = [entry for entry in entries if pattern in entry.models]
        bare = [entry for entry in holders if not any(fits[each] for each in entry.models)]
        yield _told(pattern, models, holders) + (f"; nothing is withheld of {_named(bare)}" if bare else "")
    if len(missed) > MOST_TOLD:
        yield f"models: {len(missed) - MOST_TOLD:,} other patterns fit no model either"


def _fits(pattern: str, models: Iterable[str]) -> bool:
    return any(fnmatchcase(model, pattern) for model in models)


def _told(pattern: str, models: Collection[str], holders: Sequence[Binding]) -> str:
    near = get_close_matches(pattern, models, n=1)
    meant = f" (did you mean {shortened(near[0])}?)" if near else ""
    found = f"models: {shortened(pattern)} in {_named(holders)} fits none of"
    return f"{found} {_few([shortened(model) for model in sorted(models)], MOST_TOLD)}{meant}"


def _named(entries: Sequence[Binding]) -> str:
    return _few([entry.id for entry in entries], _FEW)


def _few(shown: Sequence[str], most: int) -> str:
    more = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
