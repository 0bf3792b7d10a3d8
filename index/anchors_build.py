"""The words that a text in another alphabet is known by: those of names and secrets, and of passages.

Rule: only words that tell something are kept, as keyed hashes.
"""

from collections.abc import Sequence
from itertools import chain

from index.anchors import LEAST_OF_PASSAGE, LEAST_OF_PHRASE, RARE_BITS, Anchors, build_anchors, is_anchor
from index.bits import word_bits
from index.phrases import PlainPhrase
from index.whole_text import WholeText
from policy.policy import Policy


def anchors_of(policy: Policy, phrases: Sequence[PlainPhrase], key: bytes) -> Anchors:
    said = [
        word for phrase in phrases if not phrase.numeric for word in chain.from_iterable(phrase.sequences)
    ]
    told = [word for word in said if is_anchor(word, LEAST_OF_PHRASE)]
    texts = (text for entry in policy.entries for text in entry.passages)
    read = [word for text in texts for word in WholeText.of(text).words if is_anchor(word, LEAST_OF_PASSAGE)]
    rare = [word for word in (*told, *read) if word_bits(word) >= RARE_BITS]
    return build_anchors([*told, *read], key, rare)
