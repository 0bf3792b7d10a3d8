"""Names that are not written as they should be: words misspelled, in another order, others in between.

Rule 1: every word of the name is there, each at most one letter from itself, the last word first or last; in
between stand at most two initials, or one word that may be a middle name: it is capitalised; and words by
which forms, JSON and tables name the parts of a name ("first: Alden, last: Crane"). What is written as it
should be is left to the exact table.
Rule 2: where one of two words is a misspelling and nobody's word, the other may be any capitalised word that
is one letter from the name's, and each may be near words of several names.
Rule 3: the first word may be cut to its initial ("B. Mercer"), with others after it; A and I, which are words
too, only where they and the last word are capitalised. What is found then is the last word: the initial may
have gone out before. Where a text that must keep working names another of that initial it is `shared`.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

from index.follower import Complete, Follower
from index.misspelled import Misspelled, Sense, word_of_name
from index.pattern_table import PatternTable
from index.rolling import MASK

NAMES = "loose_names"
INITIALS = "initials"
SHARED = "shared_initials"
MOST_INITIALS = 3
MOST_BETWEEN = 2
# What the parts of a name are called, folded.
LABELS = frozenset(
    {
        "first", "last", "middle", "second", "given", "family", "name", "names", "surname", "forename",
        "fname", "lname", "firstname", "lastname", "middlename", "givenname", "familyname", "vorname",
        "nachname", "familienname", "prenom", "nom", "famille", "nombre", "apellido", "apellidos", "nome",
        "cognome", "sobrenome", "apelido", "voornaam", "achternaam",
    }
)  # fmt: skip
MOST_LABELS = 3
# So far from a word of a name the next one may stand.
REACH = MOST_BETWEEN + MOST_LABELS
# "a crane", "i pike": words of the language, before one that may be a name.
WORDS_OF_A_LETTER = frozenset("ai")


class Loose(NamedTuple):
    """A name, not written as it should be, that ends with the unit just pushed and has `units` of them.
    `shared`: it may as well be another's, whom no answer may lose.
    """

    owner: int
    units: int
    digest: int
    shared: bool = False


@dataclass(frozen=True, slots=True)
class LooseNames:
    """`words`: the senses of words; `names`: sequences of them, the owner of each is a phrase. `initials`:
    pairs of an initial and a last word, `shared` those that are also another's. `letters`: what stands for
    an initial.
    """

    words: Misspelled
    names: PatternTable
    initials: PatternTable
    shared: PatternTable
    letters: Mapping[str, int]

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
            if place == before:
                continue
            if place - before - 1 > REACH:
                follower.clear()
            for between in words[max(before + 1, place - REACH) : place]:
                follower.push(between, capital=True)
            if follower.push(words[place], capital=True):
                return True
            before = place
            if place + 1 < len(words) and self.words.is_sure(words[place]):
                before = place + 1
                if follower.push(words[before], capital=True):
                    return True
        return False

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "LooseNames":
        names, initials, shared = (PatternTable.load(folder, name, key) for name in (NAMES, INITIALS, SHARED))
        return cls(Misspelled.load(folder, key), names, initials, shared, letters(key))


def letters(key: bytes) -> dict[str, int]:
    return {letter: word_of_name(key, letter) for letter in ascii_lowercase}


class LooseFollower:
    """Follows one stream of units. `open`: how many of the last ones may still become a name."""

    __slots__ = (
        "_at", "_before", "_between", "_follower", "_initials", "_labels", "_last", "_letters", "_names",
        "_said", "_shared", "_words", "open",
    )  # fmt: skip

    def __init__(self, names: LooseNames) -> None:
        self._names = names.names
        self._words, self._letters = names.words, names.letters
        self._initials, self._shared = names.initials, names.shared
        # The single letters that the last units were.
        self._said = ""
        # The last unit, where it may belong to a name.
        self._before = ""
        self._follower = Follower(names.names)
        # Of the words that are part of names: where each stood, and whether it was edited.
        self._last: deque[tuple[int, bool]] = deque(maxlen=max(1, names.names.longest))
        self.clear()

    @property
    def said(self) -> bool:
        """Whether the last units were letters that may stand for a first name."""
        return bool(self._said)

    def clear(self) -> None:
        self._follower.clear()
        self._last.clear()
        self._at = self._between = self._labels = self.open = 0
        self._before = ""

    def follows(self, text: str) -> None:
        """The unit before the next one, which is capitalised and no word of a name as it is."""
        self._before = self._before or text

    def push(self, text: str, capital: bool) -> Sequence[Loose]:
        sense = self._words[text]
        if sense is None:
            if text not in LABELS:
                self._said = self._said + text if self._may_be_initial(text, capital) else ""
            if not self.open:
                return ()
            found = self._beside(text) if capital and self._before else ()
            self._pass(text, capital)
            self._before = ""
            return found
        said, self._said = self._said, ""
        beside = self._beside(text) if self._before and capital else ()
        found = self._push(sense)
        self._before = text if self.open else ""
        if found or not (beside or said):
            return found
        return beside or list(self._after(said[0], sense, capital))

    def _may_be_initial(self, text: str, capital: bool) -> bool:
        named = len(text) == 1 and (capital or text not in WORDS_OF_A_LETTER)
        return named and len(self._said) < MOST_INITIALS

    def _beside(self, text: str) -> Sequence[Loose]:
        """Where it and the unit before are a name, and one of the two is surely misspelled."""
        words, before = self._words, self._before
        if not (words.is_sure(before) or words.is_sure(text)):
            return ()
        units, base = 2 if self.open else 1, self._names.base
        pairs = ((first * base + last) & MASK for first in words.meant(before) for last in words.meant(text))
        return [Loose(owner, units, pair) for pair in pairs for owner in self._names.owners(2, pair)]

    def _pass(self, text: str, capital: bool) -> None:
        is_label = text in LABELS and self._labels < MOST_LABELS
        if is_label:
            self._labels += 1
        else:
            self._between += 1 if len(text) == 1 else MOST_BETWEEN
        # A unit without text is a barrier between two texts.
        if not text or self._between > MOST_BETWEEN or not (capital or is_label or len(text) == 1):
            self.clear()
            return
        self._at += 1
        self.open += 1

    def _push(self, sense: Sense) -> list[Loose]:
        self._at += 1
        self._between = self._labels = 0
        self._last.append((self._at, sense.edited))
        completed = self._follower.push(sense.word)
        begun = self._follower.length
        self.open = self._at - self._last[-begun][0] + 1 if begun else 0
        return [loose for complete in completed for loose in self._loose(complete)]

    def _after(self, initial: str, sense: Sense, capital: bool) -> Iterable[Loose]:
        if initial in WORDS_OF_A_LETTER and not capital:
            return ()
        letter = self._letters.get(initial, 0)
        digest = (letter * self._initials.base + sense.word) & MASK
        own = [Loose(owner, 1, digest) for owner in self._initials.owners(2, digest)]
        return own or [Loose(owner, 1, digest, shared=True) for owner in self._shared.owners(2, digest)]

    def _loose(self, complete: Complete) -> Iterable[Loose]:
        words = list(self._last)[-complete.length :]
        units = self._at - words[0][0] + 1
        if units == complete.length and not any(edited for _, edited in words):
            return ()
        return [Loose(owner, units, complete.digest) for owner in complete.owners]
