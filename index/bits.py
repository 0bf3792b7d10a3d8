"""How surprising a phrase is, in bits: what a guesser who knows the language needs to say it by chance."""

import re
from functools import lru_cache
from math import log2

# A word that wordfreq has never seen is at least this rare; its rarest listed words are near it.
UNKNOWN_BITS = 27.0
DIGIT_BITS = log2(10)
_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")


def bits(phrase: str) -> float:
    """The sum over its words; words are taken as independent, so it overstates set phrases."""
    return sum(word_bits(word) for word in _WORD.findall(phrase.casefold()))


@lru_cache(maxsize=65536)
def word_bits(word: str) -> float:
    """`word` in lower case. Digits are counted one by one: word lists know years but no telephone numbers."""
    from wordfreq import word_frequency

    digits = sum(character.isdigit() for character in word)
    if digits:
        return DIGIT_BITS * digits + 4.7 * (len(word) - digits)
    frequency = word_frequency(word, "en", minimum=2**-UNKNOWN_BITS)
    return -log2(frequency)
