"""Whether words only say again what the conversation supplied, where there is no string to compare.

Rule: every name and number among them must have been supplied. Of their telling words all must have been, or
half of them where the conversation supplied knowledge of the entry itself: there an answer may be put in
other words.
"""

from collections.abc import Callable, Sequence

from index.bits import word_bits
from index.units import Unit, units

# A word rarer than one in four thousand tells something; a first word rarer than one in 65,000 may be a name.
TELLING_BITS = 12.0
NAME_BITS = 16.0

Known = Callable[[str], bool]


def repeats(sentence: str, supplied: Known, *, knowing: bool) -> bool:
    """Whether a sentence says nothing new."""
    words = units(sentence)
    telling = _telling(words)
    known = sum(_is_known(text, supplied) for text in telling)
    enough = 2 * known >= len(telling) if knowing else known == len(telling)
    opening = [word.text for word in words[:1] if word.capital and word_bits(word.text) >= NAME_BITS]
    numbers = [word.text for word in words[:1] if any(map(str.isdigit, word.text))]
    return enough and all(_is_known(text, supplied) for text in (*opening, *numbers, *_facts(words[1:])))


def is_supplied(run: Sequence[Unit], supplied: Known) -> bool:
    """Whether some words in a row, which need not begin a sentence, tell nothing new."""
    return all(_is_known(text, supplied) for text in (*_telling(run), *_facts(run)))


def _telling(words: Sequence[Unit]) -> list[str]:
    return [word.text for word in words if word_bits(word.text) >= TELLING_BITS]


def _facts(words: Sequence[Unit]) -> list[str]:
    return [word.text for word in words if word.capital or any(map(str.isdigit, word.text))]


def _is_known(text: str, supplied: Known) -> bool:
    """As it stands, or with or without the s of a possessive."""
    return supplied(text) or supplied(f"{text}s") or (text.endswith("s") and supplied(text[:-1]))
