"""Words by which a ciphered or reversed text betrays itself: the longer words of names, secrets and
passages.

Rule: a word is tried against them once, when it is first met; afterwards a text costs one look-up a word.
A word that is an anchor under some alphabet shift (Caesar), mirrored shift (Atbash), backwards or both
has a turn: the way to read its neighbours. Shifts are not tried one after the other on every word: all
shifts of a word have one shape, the steps between its letters, and only a word of a known shape is looked
at closer. Words and shapes are keyed hashes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import NamedTuple
from weakref import proxy

import numpy as np

from index.key import subkey
from index.levels import levels, mapped
from index.rolling import Hashes
from index.sorting import distinct

ANCHORS = "anchors"
# Shorter ones have too few shapes; of passages, whose words are many, only long ones tell.
LEAST_OF_PHRASE = 3
LEAST_OF_PASSAGE = 6
# A word of so many bits is in few texts.
RARE_BITS = 15.0
MOST_KNOWN = 1 << 16
# What a letter says, one of 26, and so what it costs to choose one of 26 alphabets.
LETTER_BITS = 4.7
# What words must say, to be looked at closer; and so that it is no chance.
_TELLING, _NO_CHANCE = 5.0, 9.0
_COMMON = 3
# Two words of a title are enough where both are long.
_TWO_COMMON = 24.0
_LETTERS = 26
_LONGEST = 24
_FIRST = ord("a")
# There are so many turns: either direction, either sign, any shift.
_TURNS = 2 * 2 * _LETTERS


class Turn(NamedTuple):
    """How a word becomes plain: turned round where it is `backwards`, and place p of the alphabet read as
    `sign` * p + `shift`.
    """

    backwards: bool
    sign: int
    shift: int

    @property
    def telling(self) -> float:
        """How many bits words must have under this turn to be looked at closer. Where two things were done to
        a text that is in disguise besides, among all turns there are, only what can be no chance is.
        """
        once = self.sign > 0 if not self.backwards else self == REVERSED
        return _TELLING + LETTER_BITS if once or self == ATBASH else _NO_CHANCE + log2(_TURNS)

    def alphabet(self) -> str:
        """What each letter from a to z reads as."""
        places = ((self.sign * place + self.shift) % _LETTERS for place in range(_LETTERS))
        return "".join(chr(_FIRST + place) for place in places)


ATBASH, REVERSED = Turn(False, -1, _LETTERS - 1), Turn(True, 1, 0)
# Spelled with these words, not shifted: no name is spelled without a vowel.
SPELLING = Turn(False, 0, 0)
_SPELLING_WORDS = frozenset({"alfa", "alpha", "echo", "india", "oscar", "uniform", "yankee"})


class _Turns(dict[str, tuple[Turn, ...]]):
    __slots__ = ("_anchors",)

    def __init__(self, anchors: "Anchors") -> None:
        super().__init__()
        # They hold this one: two that hold each other wait for the collector of garbage.
        self._anchors = proxy(anchors)

    def __missing__(self, word: str) -> tuple[Turn, ...]:
        if len(self) >= MOST_KNOWN:
            self.clear()
        found = self[word] = tuple(self._anchors.find(word))
        return found


class _Tells(dict[str, bool]):
    __slots__ = ("_anchors",)

    def __init__(self, anchors: "Anchors") -> None:
        super().__init__()
        self._anchors = proxy(anchors)

    def __missing__(self, word: str) -> bool:
        if len(self) >= MOST_KNOWN:
            self.clear()
        found: bool = self._anchors.tells(word)
        self[word] = found
        return found


class Anchors:
    """`turns` maps a word, folded, to the turns under which it is an anchor: none for nearly every word.
    What one level holds no other does.
    """

    __slots__ = ("__weakref__", "_secret", "_size_bits", "_sorted", "_tells", "turns")

    def __init__(self, lowest: Hashes, key: bytes, *above: Hashes) -> None:
        self._sorted: list[memoryview] = [hashes.data for hashes in (lowest, *above)]
        self._secret = subkey(key, "anchors")
        self._size_bits = log2(sum(map(len, self._sorted)) + 1)
        self.turns, self._tells = _Turns(self), _Tells(self)

    def holds(self, word: str) -> bool:
        wanted = _hash(self._secret, word)
        return any(_stands_in(hashes, wanted) for hashes in self._sorted)

    def telling(self, words: Iterable[str]) -> bool:
        """Whether these words are worth a closer look: a rare one, some that may be in any text, or what is
        too much for chance under one turn.
        """
        common, bits = 0, 0.0
        turned: dict[Turn, float] = {}
        for word in words:
            if not self._tells[word]:
                continue
            said = self.bits(word)
            for turn in self.turns[word]:
                turned[turn] = turned.get(turn, 0.0) + said
                if turned[turn] >= turn.telling:
                    return True
            if self.holds(word):
                if self.holds(_rare(word)):
                    return True
                common, bits = common + 1, bits + said
        return common >= _COMMON or (common > 1 and bits >= _TWO_COMMON)

    def tells(self, word: str) -> bool:
        """Whether the word is an anchor as it stands, or turned, and says something at all."""
        return self.bits(word) >= _TELLING and (self.holds(word) or bool(self.turns[word]))

    def bits(self, word: str) -> float:
        """How unlikely it is that a word of this length is an anchor by chance."""
        return max(0.0, LETTER_BITS * len(word) - self._size_bits)

    def find(self, word: str) -> Iterator[Turn]:
        if word in _SPELLING_WORDS:
            yield SPELLING
        if not is_anchor(word, LEAST_OF_PHRASE):
            return
        for backwards in (False, True):
            letters = word[::-1] if backwards else word
            for sign in (1, -1):
                if self.holds(_shape(letters, sign)):
                    yield from self._turned(word, letters, backwards, sign)

    def _turned(self, word: str, letters: str, backwards: bool, sign: int) -> Iterator[Turn]:
        for shift in range(_LETTERS):
            turn = Turn(backwards, sign, shift)
            plain = letters.translate(_table(turn))
            if plain != word and self.holds(plain):
                yield turn

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "Anchors":
        lowest, *above = (mapped(level, ANCHORS) for level in levels(folder))
        return cls(lowest, key, *above)


def build_anchors(words: Iterable[str], key: bytes, rare: Iterable[str] = ()) -> Anchors:
    return Anchors(anchor_hashes(words, key, rare), key)


def anchor_hashes(words: Iterable[str], key: bytes, rare: Iterable[str] = ()) -> Hashes:
    """Of these words, which `is_anchor` has let pass, the sorted hashes of all and of their shapes. `rare`:
    which of them are met in no other text.
    """
    secret, different = subkey(key, "anchors"), set(words)
    texts = different | {_shape(word, 1) for word in different} | set(map(_rare, rare))
    return distinct(np.array([_hash(secret, text) for text in texts], dtype=np.uint64))


def no_anchors() -> Anchors:
    """Nothing is told by these."""
    return Anchors(np.empty(0, dtype=np.uint64), b"")


def is_anchor(word: str, least: int) -> bool:
    """Whether the word has letters of the Latin alphabet only, and enough of them."""
    return least <= len(word) <= _LONGEST and word.isascii() and word.isalpha()


def _stands_in(hashes: memoryview, wanted: int) -> bool:
    place = bisect_left(hashes, wanted)
    return place < len(hashes) and hashes[place] == wanted


def _rare(word: str) -> str:
    return f"!{word}"


def _shape(letters: str, sign: int) -> str:
    """The steps from letter to letter: the same for every shift. No word has such signs."""
    places, steps = letters.encode("ascii"), _STEPS[sign]
    return "+" + bytes([steps[after - before] for before, after in pairwise(places)]).decode("ascii")


# The letter of each step, which is negative where it counts from the end.
_STEPS = {
    sign: bytes(_FIRST + sign * (step if step < 128 else step - 256) % _LETTERS for step in range(256))
    for sign in (1, -1)
}


@cache
def _table(turn: Turn) -> dict[int, str]:
    return {_FIRST + place: letter for place, letter in enumerate(turn.alphabet())}


def _hash(secret: bytes, text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8, key=secret).digest(), "little")
