"""The words that a text in another alphabet is known by: those of names and secrets, and of passages.

Rule: only words that tell something are kept, as keyed hashes.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from index.anchors import LEAST_OF_PASSAGE, LEAST_OF_PHRASE, RARE_BITS, anchor_hashes, is_anchor
from index.bits import word_bits
from index.phrases import PlainPhrase
from index.rolling import Hashes


def anchors_of(words: Iterable[str], phrases: Sequence[PlainPhrase], key: bytes) -> Hashes:
    """`words`: those of passages."""
    said = chain.from_iterable(
        chain.from_iterable(phrase.sequences) for phrase in phrases if not phrase.numeric
    )
    told = {word for word in said if is_anchor(word, LEAST_OF_PHRASE)}
    told |= {word for word in set(words) if is_anchor(word, LEAST_OF_PASSAGE)}
    return anchor_hashes(told, key, [word for word in told if word_bits(word) >= RARE_BITS])
