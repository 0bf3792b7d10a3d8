"""Whom the sentence is about that an answer is saying, as far as near misses vouch for anybody.

Rules: the last name counts, and where a sentence ends, nobody is its subject any more. What is not known to
be about somebody is about the entries.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, Self

from steering.divergence.vouched import LONGEST_NAME, Vouched
from steering.edit import Edit
from steering.form import Form
from steering.spoken import Said, Spoken

ENDS: Final = tuple(sign.encode() for sign in ".!?\n。！？…")


class Subject:
    """Of one answer. `forms` and `pieces`: by token id what it says."""

    __slots__ = ("_before", "_forms", "_name", "_pieces", "_spoken", "_vouched")

    def __init__(self, vouched: Vouched, forms: Sequence[Form], pieces: Sequence[bytes]) -> None:
        self._vouched, self._forms, self._pieces = vouched, forms, pieces
        self._spoken = Spoken(forms)
        # The closed units of the sentence that may belong to a name.
        self._before = deque[str](maxlen=LONGEST_NAME)
        self._name = 0

    def push(self, number: int) -> None:
        opened, goes_on = self._spoken.opened, self._spoken.goes_on(number)
        if opened and not goes_on:
            self._before.append(opened)
        said = self._spoken.push(number)
        for place, unit in enumerate(said):
            found = self._vouched.subject((*self._before, unit))
            self._name = self._name if found is None else found
            if place < len(said) - 1 or not self._spoken.opened:
                self._before.append(unit)
        piece = self._pieces[number] if 0 <= number < len(self._pieces) else b"."
        if any(sign in piece for sign in ENDS):
            self._before.clear()
            self._name = 0

    def copy(self) -> Self:
        copied = type(self)(self._vouched, self._forms, self._pieces)
        copied._before, copied._name = self._before.copy(), self._name
        copied._spoken.opened = self._spoken.opened
        return copied

    def without(self, edit: Edit) -> Edit:
        """Without what is vouched for of whom the sentence is about."""
        return self._spoken.without(edit, self._frees) if self._name else edit

    def _frees(self, said: Said) -> bool:
        return self._vouched.frees(self._name, said)
