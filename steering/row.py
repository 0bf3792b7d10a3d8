"""One request inside the engine: what it has said so far, and what it may not say next.

Rules: a row never raises; once it does not know what may follow, it says so for good, and its adapter ends
it. A row whose tokens have not changed has its edit ready.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from steering.divergence.guard import WINDOW, Guard
from steering.divergence.subject import Subject
from steering.divergence.vouched import Vouched
from steering.edit import Edit, join
from steering.form import Form
from steering.supplied import Supplied
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


@dataclass(frozen=True, slots=True)
class Odds:
    """`strength` scales the divergence; bans know no strength. `pieces` and `forms`: by token id what it
    says. `allowed`: the entries of which the prompt may be repeated. `vouched`: what may be told of others.
    """

    divergence: Divergence
    pieces: Sequence[bytes]
    forms: Sequence[Form] = ()
    strength: float = 1.0
    allowed: frozenset[int] = frozenset()
    vouched: Vouched | None = None

    @property
    def supplied(self) -> Supplied | None:
        return Supplied(self.forms) if self.allowed else None

    @property
    def subject(self) -> Subject | None:
        return None if self.vouched is None else Subject(self.vouched, self.forms, self.pieces)


class Row:
    plain = False

    def __init__(self, matcher: Matcher, odds: Odds | None = None) -> None:
        self._matcher = matcher
        self._odds = odds if odds is not None and odds.strength > 0 else None
        self._guard = Guard()
        self._supplied = None if odds is None else odds.supplied
        self._subject = None if odds is None else odds.subject
        self._last = deque[int](maxlen=CONTEXT)
        self._unheard = deque[int](maxlen=WINDOW)
        self._joined: tuple[Edit, Edit, float, Edit] | None = None
        self._lost = False
        self._ready: Edit | None = None

    def push(self, tokens: Sequence[int], *, prompt: bool = False) -> None:
        """Tokens that stand now; -1 is one that nobody knows."""
        if self._lost or not len(tokens):
            return
        self._ready = None
        try:
            self._matcher.push(tokens, prompt=prompt)
            if self._odds is not None:
                self._last.extend(tokens)
                if self._supplied is not None:
                    self._supplied.push(tokens, prompt=prompt)
                if not prompt:
                    self._unheard.extend(tokens)
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
        copied = Row(self._matcher, self._odds)
        copied._lost, copied._ready, copied._joined = self._lost, self._ready, self._joined
        copied._last, copied._unheard = self._last.copy(), self._unheard.copy()
        copied._guard = self._guard.copy()
        copied._supplied = None if self._supplied is None else self._supplied.copy()
        copied._subject = None if self._subject is None else self._subject.copy()
        try:
            copied._matcher = self._matcher.copy()
        except Exception as error:
            copied._lose(error)
        return copied

    def _found(self) -> Edit:
        bans, odds = self._matcher.edit(), self._odds
        if odds is None or not self._matcher.in_sight:
            return bans
        strength = odds.strength * self._heard(odds).strength
        lowered = self._lowered(odds)
        return self._join(
            bans, lowered if self._subject is None else self._subject.without(lowered), strength
        )

    def _lowered(self, odds: Odds) -> Edit:
        last, in_sight = tuple(self._last), self._matcher.in_sight
        allowed = in_sight & odds.allowed
        if self._supplied is None or not allowed:
            return odds.divergence.edit(last, in_sight)
        spared = self._supplied.without(odds.divergence.edit(last, allowed))
        others = in_sight - allowed
        return join([odds.divergence.edit(last, others), spared]) if others else spared

    def _heard(self, odds: Odds) -> Guard:
        """What repeats itself, and whom it names, matters only now."""
        while self._unheard:
            token = self._unheard.popleft()
            if self._subject is not None:
                self._subject.push(token)
            self._guard.push(odds.pieces[token] if 0 <= token < len(odds.pieces) else b"")
        return self._guard

    def _join(self, bans: Edit, lowered: Edit, strength: float) -> Edit:
        """The same as at the last token, where both are the same: nearly always."""
        last = self._joined
        if last is not None and last[0] is bans and last[1] is lowered and last[2] == strength:
            return last[3]
        scaled = lowered
        if strength != 1.0:
            scaled = Edit(lowered.banned, lowered.shifted, lowered.by * np.float32(strength))
        joined = join([bans, scaled])
        self._joined = bans, lowered, strength, joined
        return joined

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
