"""One request inside the engine: what it has said so far, and what it may not say next.

Rules: a row never raises; once it does not know what may follow, it says so for good, and its adapter ends
it. A row whose tokens have not changed has its edit ready.
"""

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np

from steering.edit import Edit, join
from steering.trouble import tell

# No divergence looks further back.
CONTEXT = 16


class Matcher(Protocol):
    """What stands is pushed; the edit bans what would complete something forgotten."""

    @property
    def in_sight(self) -> frozenset[int]:
        """The entries whose subject stands in the prompt or the answer, or that have none."""

    def push(self, tokens: Sequence[int], *, prompt: bool) -> None: ...

    def edit(self) -> Edit: ...

    def copy(self) -> Self: ...


class Divergence(Protocol):
    def edit(self, context_tokens: Sequence[int], active: frozenset[int]) -> Edit:
        """What lowers the odds of saying, after these tokens, what only the entries know."""


class Row:
    """`strength` scales the divergence; bans know no strength."""

    plain = False

    def __init__(self, matcher: Matcher, divergence: Divergence | None = None, strength: float = 1.0) -> None:
        self._matcher = matcher
        self._divergence = divergence if strength > 0 else None
        self._strength = strength
        self._last: tuple[int, ...] = ()
        self._lost = False
        self._ready: Edit | None = None

    def push(self, tokens: Sequence[int], *, prompt: bool = False) -> None:
        """Tokens that stand now; -1 is one that nobody knows."""
        if self._lost or not len(tokens):
            return
        self._ready = None
        self._last = (*self._last, *tokens[-CONTEXT:])[-CONTEXT:]
        try:
            self._matcher.push(tokens, prompt=prompt)
        except Exception as error:
            self._lose(error)

    def edit(self) -> Edit | None:
        """None: what may follow is not known, and the row must end."""
        if self._ready is None and not self._lost:
            try:
                self._ready = self._found()
            except Exception as error:
                self._lose(error)
        return None if self._lost else self._ready

    def copy(self) -> "Row":
        """For tokens that may not come to stand."""
        copied = Row(self._matcher, self._divergence, self._strength)
        copied._last, copied._lost, copied._ready = self._last, self._lost, self._ready
        try:
            copied._matcher = self._matcher.copy()
        except Exception as error:
            copied._lose(error)
        return copied

    def _found(self) -> Edit:
        bans = self._matcher.edit()
        active = frozenset() if self._divergence is None else self._matcher.in_sight
        if self._divergence is None or not active:
            return bans
        odds = self._divergence.edit(self._last, active)
        scaled = Edit(odds.banned, odds.shifted, (odds.by * self._strength).astype(np.float32))
        return join([bans, scaled])

    def _lose(self, error: Exception) -> None:
        self._lost = True
        tell("steering a request", error)


class EndedRow:
    """A request that nothing is known about: it ends at once."""

    plain = False

    def push(self, tokens: Sequence[int], *, prompt: bool = False) -> None:
        """Whatever it says, it ends."""

    def edit(self) -> Edit | None:
        return None

    def copy(self) -> "EndedRow":
        return self
