"""Texts of very few words, so that what hypothesis invents overlaps, nests and touches all the time.

Each is drawn as one string of signs, and every sign stands for a word with what comes after it: hypothesis
draws a string far faster than a list.
"""

from hypothesis import strategies as st

from policy.finding import Detector
from tests.filters.world import Said, World

# The same letters in several dresses; what the fold makes of them is the same unit.
_WORDS = {
    "a": "a ",
    "b": "b ",
    "c": "c ",
    "d": "A ",
    "e": "B, ",
    "f": "ａ ",
    "g": "b\u200b-",
    "h": "а\n\n",
    "i": "c. ",
    "j": "a! ",
    "k": "b",
}
_FIGURES = {"l": "12 ", "m": "3", "n": "1-2-3 ", "o": "0. "}


def _spelled(signs: str) -> str:
    return "".join((_WORDS | _FIGURES)[sign] for sign in signs)


TEXTS = st.text("".join(_WORDS), max_size=40).map(_spelled)
MIXED = st.text("".join(_WORDS | _FIGURES), max_size=30).map(_spelled)
NUMBERS = st.text("0123 -.x", max_size=30)
ANY = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("aAbB1 .'\u0301\u200b中", max_size=40)

PLAIN = st.text("abc", min_size=1, max_size=9).map(" ".join)
PASSAGES = st.lists(st.tuples(st.integers(0, 1), PLAIN), max_size=4).map(tuple)
_BITS = st.sampled_from((10.0, 30.0))
_SECRETS = st.builds(
    lambda entry, text, bits: Said(entry, Detector.SECRET, text, bits),
    st.integers(0, 1),
    st.text("0123", min_size=2, max_size=4),
    _BITS,
)
_STRINGS = st.builds(
    lambda entry, detector, text, bits, cased: Said(entry, detector, " ".join(text), bits, cased),
    st.integers(0, 1),
    st.sampled_from((Detector.NAME, Detector.SECRET)),
    st.text("abc", min_size=1, max_size=3),
    _BITS,
    st.booleans(),
)


def worlds() -> st.SearchStrategy[World]:
    phrases = st.lists(_STRINGS | _SECRETS, max_size=4).map(tuple)
    return st.builds(World, PASSAGES, phrases, st.integers(1, 5), st.integers(0, 3))
