"""What must not be said in one request.

Rules:
1. Windows of passages, names, and secrets that nobody says by chance, never; an ordinary word that is a
   secret only while its entry is in sight: one of those has been said in the prompt or the answer.
2. Of the entries that are allowed, what stands in the prompt may be said again, string by string; a name,
   if the prompt names the entry at all.
3. Entries that are not steered do not exist.
"""

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

from steering.book import CASED, NAME, STRONG, Book, Window
from steering.line import Line
from steering.paths import Said


class Rules:
    """`version` changes with what is forbidden; `idle`: nothing ever is; `in_sight`: entries, by number.
    `state`: equal where the same is forbidden.
    """

    __slots__ = (
        "_allowed",
        "_book",
        "_chosen",
        "_named",
        "_new",
        "_seen",
        "_steered",
        "_supplied",
        "idle",
        "in_sight",
        "version",
    )

    def __init__(self, book: Book, active: frozenset[int] | None, allowed: frozenset[int]) -> None:
        self._book = book
        self._chosen = active, allowed
        numbers = np.array(book.numbers, dtype=np.int64)
        self._steered = _among(numbers, active)
        self._allowed = _among(numbers, allowed)
        self.idle = not self._steered.any()
        self._seen = np.zeros(len(numbers), dtype=np.bool_)
        self._named: frozenset[int] = frozenset()
        self._supplied: frozenset[tuple[int, int]] = frozenset()
        # Put to the rest once it is asked for: a long prompt would be copied for each string of it.
        self._new: list[tuple[int, int]] = []
        self.in_sight: frozenset[int] = frozenset()
        self.version = 0

    @property
    def state(self) -> Hashable:
        return *self._chosen, self.in_sight, self._named, self._strings()

    def copy(self) -> "Rules":
        self._strings()
        other = object.__new__(Rules)
        for name in Rules.__slots__:
            setattr(other, name, getattr(self, name))
        other._new = []
        return other

    def see(self, said: Iterable[Said], windows: Iterable[Window], *, prompt: bool) -> None:
        """Take note of what has been said."""
        for one in said:
            entry, marks = self._phrase(one.owner)
            if not self._steered[entry] or (marks & CASED and not one.capitals):
                continue
            if marks & STRONG:
                self._in_sight(entry)
            if prompt and self._allowed[entry]:
                self._supply(entry, marks, (one.length, one.digest))
        for window in windows:
            if self._steered[window.entry]:
                self._in_sight(window.entry)
                if prompt and self._allowed[window.entry]:
                    self._supply(window.entry, 0, (0, window.digest))

    def forbids(self, said: Said) -> bool:
        entry, marks = self._phrase(said.owner)
        if not self._steered[entry] or (marks & CASED and not said.capitals):
            return False
        if not (marks & STRONG or self._seen[entry]):
            return False
        return not self._is_supplied(entry, marks, (said.length, said.digest))

    def forbids_windows(self, entries: NDArray[np.uint32], digest: int) -> NDArray[np.bool_]:
        """For each of the entries: whether this window of it is forbidden."""
        return self._steered[entries] & ~(self._allowed[entries] & ((0, digest) in self._strings()))

    @property
    def supplies(self) -> bool:
        """Whether the prompt has supplied anything that may be said again."""
        return bool(self._strings())

    def forbids_window(self, window: Window) -> bool:
        return bool(self._steered[window.entry]) and not self._is_supplied(
            window.entry, 0, (0, window.digest)
        )

    def forbids_end(self, line: Line | None) -> bool:
        """Whether something forbidden is complete with the last token of the line, if there is one."""
        if line is None:
            return False
        return any(map(self.forbids, line.said)) or any(map(self.forbids_window, line.windows))

    def forbid(self, owners: NDArray[np.uint32], digests: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """The same of many phrases of one unit, capitalised as they must be."""
        phrases = self._book.phrases
        entries, marks = phrases.entries[owners], phrases.marks[owners]
        telling = ((marks & STRONG) != 0) | self._seen[entries]
        forbidden: NDArray[np.bool_] = self._steered[entries] & telling
        if self.supplies or self._named:
            for place in np.flatnonzero(forbidden & self._allowed[entries]).tolist():
                string = 1, int(digests[place])
                forbidden[place] = not self._is_supplied(int(entries[place]), int(marks[place]), string)
        return forbidden

    def _phrase(self, owner: int) -> tuple[int, int]:
        return int(self._book.phrases.entries[owner]), int(self._book.phrases.marks[owner])

    def _in_sight(self, entry: int) -> None:
        if not self._seen[entry]:
            # A copy of these rules goes on with what it had seen.
            self._seen = self._seen.copy()
            self._seen[entry] = True
            self.in_sight |= {self._book.numbers[entry]}
            self.version += 1

    def _supply(self, entry: int, marks: int, string: tuple[int, int]) -> None:
        if marks & NAME and entry not in self._named:
            self._named |= {entry}
        self._new.append(string)
        self.version += 1

    def _strings(self) -> frozenset[tuple[int, int]]:
        """All that the prompt has supplied."""
        if self._new:
            self._supplied, self._new = self._supplied.union(self._new), []
        return self._supplied

    def _is_supplied(self, entry: int, marks: int, string: tuple[int, int]) -> bool:
        if not self._allowed[entry]:
            return False
        return entry in self._named if marks & NAME else string in self._strings()


def _among(numbers: NDArray[np.int64], chosen: frozenset[int] | None) -> NDArray[np.bool_]:
    if chosen is None:
        return np.ones(len(numbers), dtype=np.bool_)
    found: NDArray[np.bool_] = np.isin(numbers, np.fromiter(chosen, dtype=np.int64, count=len(chosen)))
    return found
