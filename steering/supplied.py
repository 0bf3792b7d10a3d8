"""The words of a prompt: what may be repeated of an entry whose prompts may be.

Rules: a token is spared as far as it says, or goes on with, a word that stands in the prompt; one that says
no word is spared too. What else an entry knows stays as unlikely as it is made.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Self

import numpy as np

from index.units import LONGEST
from steering.edit import Edit
from steering.form import SILENT, Form, Lead, Tail


class Supplied:
    """`forms`: by token id what it says."""

    __slots__ = ("_forms", "_kept", "_opened", "_sorted", "words")

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = forms
        self.words: set[str] = set()
        self._sorted: list[str] | None = None
        # The unit that the last token has not ended.
        self._opened = ""
        self._kept: tuple[Edit, str, Edit] | None = None

    def push(self, tokens: Sequence[int], *, prompt: bool) -> None:
        for number in tokens:
            form = self._forms[number] if 0 <= number < len(self._forms) else SILENT
            said = self._said(form)
            self._opened = "" if form.tail is Tail.CLOSED or not said else said[-1]
            if len(self._opened) >= LONGEST:
                self._opened = ""
            if prompt:
                self.words.update(said)
                self._sorted = None

    def copy(self) -> Self:
        """For tokens of an answer: the words are shared."""
        copied = type(self)(self._forms)
        copied.words, copied._sorted, copied._opened = self.words, self._sorted, self._opened
        return copied

    def without(self, edit: Edit) -> Edit:
        """Without what the prompt says; the same object where it is the same as at the last token."""
        last = self._kept
        if last is not None and last[0] is edit and last[1] == self._opened:
            return last[2]
        banned, shifted = (
            np.array([not self._has(number) for number in ids.tolist()], np.bool_)
            for ids in (edit.banned, edit.shifted)
        )
        found = Edit(edit.banned[banned], edit.shifted[shifted], edit.by[shifted])
        self._kept = edit, self._opened, found
        return found

    def _said(self, form: Form) -> tuple[str, ...]:
        """The units that are said with this token, the open one gone on with."""
        if form.lead is Lead.CLOSES or not self._opened:
            return form.units
        if not form.units:
            return (self._opened,)
        return self._opened + form.units[0], *form.units[1:]

    def _has(self, number: int) -> bool:
        form = self._forms[number] if number < len(self._forms) else SILENT
        if not form.units:
            return True
        *whole, last = self._said(form)
        return all(word in self.words for word in whole) and self._begins(last)

    def _begins(self, word: str) -> bool:
        if self._sorted is None:
            self._sorted = sorted(self.words)
        place = bisect_left(self._sorted, word)
        return place < len(self._sorted) and self._sorted[place].startswith(word)
