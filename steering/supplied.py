"""The words of a prompt: what may be repeated of an entry whose prompts may be.

Rules: a token is spared as far as it says, or goes on with, a word that stands in the prompt; one that says
no word is spared too. What else an entry knows stays as unlikely as it is made.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Self

from steering.edit import Edit
from steering.form import Form
from steering.spoken import Said, Spoken


class Supplied:
    """`forms`: by token id what it says."""

    __slots__ = ("_forms", "_kept", "_sorted", "_spoken", "words")

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms, self._spoken = forms, Spoken(forms)
        self.words: set[str] = set()
        self._sorted: list[str] | None = None
        self._kept: tuple[Edit, str, Edit] | None = None

    def push(self, tokens: Sequence[int], *, prompt: bool) -> None:
        for number in tokens:
            said = self._spoken.push(number)
            if prompt:
                # What goes on too: it is a beginning of what it becomes.
                self.words.update(said)
                self._sorted = None

    def copy(self) -> Self:
        """For tokens of an answer: the words are shared."""
        copied = type(self)(self._forms)
        copied.words, copied._sorted = self.words, self._sorted
        copied._spoken.opened = self._spoken.opened
        return copied

    def without(self, edit: Edit) -> Edit:
        """Without what the prompt says; the same object where it is the same as at the last token."""
        last = self._kept
        if last is not None and last[0] is edit and last[1] == self._spoken.opened:
            return last[2]
        found = self._spoken.without(edit, self._has)
        self._kept = edit, self._spoken.opened, found
        return found

    def _has(self, said: Said) -> bool:
        return all(word in self.words for word in said[:-1]) and self._begins(said[-1])

    def _begins(self, word: str) -> bool:
        if self._sorted is None:
            self._sorted = sorted(self.words)
        place = bisect_left(self._sorted, word)
        return place < len(self._sorted) and self._sorted[place].startswith(word)
