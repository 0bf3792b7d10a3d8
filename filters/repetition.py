"""Whether a sentence only says again what the conversation supplied: meaning has no string to compare.

Rule: every name and number in it must have been supplied. Of its telling words all must have been, or half of
them where the conversation supplied knowledge of the entry itself: there an answer may be put in other words.
"""

from collections.abc import Callable

from index.bits import word_bits
from index.units import Unit, units

# A word rarer than one in four thousand tells something; a first word rarer than one in 65,000 may be a name.
TELLING_BITS = 12.0
NAME_BITS = 16.0


def repeats(sentence: str, supplied: Callable[[str], bool], *, knowing: bool) -> bool:
    read = units(sentence)
    facts = [unit.text for place, unit in enumerate(read) if _is_fact(unit, opens=place == 0)]
    telling = [unit.text for unit in read if word_bits(unit.text) >= TELLING_BITS]
    known = sum(_is_known(text, supplied) for text in telling)
    enough = 2 * known >= len(telling) if knowing else known == len(telling)
    return enough and all(_is_known(text, supplied) for text in facts)


def _is_fact(unit: Unit, *, opens: bool) -> bool:
    named = unit.capital and (not opens or word_bits(unit.text) >= NAME_BITS)
    return named or any(map(str.isdigit, unit.text))


def _is_known(text: str, supplied: Callable[[str], bool]) -> bool:
    """As it stands, or with or without the s of a possessive."""
    return supplied(text) or supplied(f"{text}s") or (text.endswith("s") and supplied(text[:-1]))
