"""Names that are not written as they should be: words misspelled, in another order, others in between.

Rule: every word of the name is there, each at most one letter from itself, the last word first or last; in
between stand at most two initials, or one word that may be a middle name: it is capitalised. What is written
as it should be is left to the exact table.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.follower import Complete, Follower
from index.misspelled import Misspelled, Sense
from index.pattern_table import PatternTable

NAMES = "loose_names"
MOST_BETWEEN = 2


class Loose(NamedTuple):
    """A name, not written as it should be, that ends with the unit just pushed and has `units` of them."""

    owner: int
    units: int
    digest: int


@dataclass(frozen=True, slots=True)
class LooseNames:
    """`words`: the senses of words; `names`: sequences of them, the owner of each is a phrase."""

    words: Misspelled
    names: PatternTable

    def places(self, words: Sequence[str]) -> list[int]:
        """Where words of names stand; cheap where none do."""
        senses = self.words
        known = {word for word in set(words) if senses[word] is not None}
        return [place for place, word in enumerate(words) if word in known] if known else []

    def may_stand_in(self, words: Sequence[str]) -> bool:
        """Whether any name does, or begins at the end, if all that stands in between may be part of one."""
        places = self.places(words)
        if not places:
            return False
        follower, before = LooseFollower(self), -1
        for place in places:
            if place - before - 1 > MOST_BETWEEN:
                follower.clear()
            for between in words[max(before + 1, place - MOST_BETWEEN) : place]:
                follower.push(between, capital=True)
            if follower.push(words[place], capital=True):
                return True
            before = place
        return False

    def save(self, folder: Path) -> None:
        self.words.save(folder)
        self.names.save(folder, NAMES)

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "LooseNames":
        return cls(Misspelled.load(folder, key), PatternTable.load(folder, NAMES, key))


class LooseFollower:
    """Follows one stream of units. `open`: how many of the last ones may still become a name."""

    __slots__ = ("_at", "_between", "_follower", "_last", "_words", "open")

    def __init__(self, names: LooseNames) -> None:
        self._words = names.words
        self._follower = Follower(names.names)
        # Of the words that are part of names: where each stood, and whether it was edited.
        self._last: deque[tuple[int, bool]] = deque(maxlen=max(1, names.names.longest))
        self.clear()

    def clear(self) -> None:
        self._follower.clear()
        self._last.clear()
        self._at = self._between = self.open = 0

    def push(self, text: str, capital: bool) -> Sequence[Loose]:
        sense = self._words[text]
        if sense is None:
            if self.open:
                self._pass(text, capital)
            return ()
        return self._push(sense)

    def _pass(self, text: str, capital: bool) -> None:
        self._between += 1 if len(text) == 1 else MOST_BETWEEN
        # A unit without text is a barrier between two texts.
        if not text or self._between > MOST_BETWEEN or not (capital or len(text) == 1):
            self.clear()
            return
        self._at += 1
        self.open += 1

    def _push(self, sense: Sense) -> list[Loose]:
        self._at += 1
        self._between = 0
        self._last.append((self._at, sense.edited))
        completed = self._follower.push(sense.word)
        begun = self._follower.length
        self.open = self._at - self._last[-begun][0] + 1 if begun else 0
        return [loose for complete in completed for loose in self._loose(complete)]

    def _loose(self, complete: Complete) -> Iterable[Loose]:
        words = list(self._last)[-complete.length :]
        units = self._at - words[0][0] + 1
        if units == complete.length and not any(edited for _, edited in words):
            return ()
        return [Loose(owner, units, complete.digest) for owner in complete.owners]
