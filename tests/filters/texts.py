"""Texts of very few words, so that what hypothesis invents overlaps, nests and touches all the time."""

from hypothesis import strategies as st

from policy.finding import Detector
from tests.filters.world import Said, World

# The same letters in several dresses; what the fold makes of them is the same unit.
LETTERS = ("a", "b", "c", "A", "B", "ａ", "b\u200b", "а")
SEPARATORS = (" ", " ", " ", ", ", ". ", "\n\n", "-", "! ")

WORDS = st.sampled_from(LETTERS)
GAPS = st.sampled_from(SEPARATORS)


def joined(tokens: list[tuple[str, str]]) -> str:
    return "".join(word + gap for word, gap in tokens)


TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=40).map(joined)
NUMBERS = st.text("0123 -.x", max_size=30)
MIXED = st.lists(st.tuples(WORDS | st.sampled_from(("12", "3", "1-2-3")), GAPS), max_size=30).map(joined)
ANY = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("aAbB1 .'\u0301\u200b中", max_size=40)

PLAIN = st.lists(st.sampled_from("abc"), min_size=1, max_size=9).map(" ".join)
PASSAGES = st.lists(st.tuples(st.integers(0, 1), PLAIN), max_size=4).map(tuple)


@st.composite
def phrases(draw: st.DrawFn) -> Said:
    entry = draw(st.integers(0, 1))
    if draw(st.booleans()):
        return Said(entry, Detector.SECRET, draw(st.text("0123", min_size=2, max_size=4)), draw(BITS))
    detector = draw(st.sampled_from((Detector.NAME, Detector.SECRET)))
    words = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
    return Said(entry, detector, " ".join(words), draw(BITS), draw(st.booleans()))


BITS = st.sampled_from((10.0, 30.0))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return World(
        draw(PASSAGES),
        tuple(draw(st.lists(phrases(), max_size=4))),
        draw(st.integers(1, 5)),
        draw(st.integers(0, 3)),
    )
