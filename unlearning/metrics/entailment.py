"""Entailment: whether one answer follows from another, as a language-inference model labels the pair.

Rule (Closer Look, arXiv 2410.08109, appendix): on the forget set what was said is asked whether it entails
the true answer, on the retain set the other way; a pair that shares hardly a word isn't believed. The model
that labels is the caller's.
"""

from collections.abc import Sequence
from typing import Final

ENTAILED: Final = "entailment"
LEAST_SHARED: Final = 0.1


def entailment(labels: Sequence[str], rouge: Sequence[float]) -> float:
    """The share of pairs labelled as entailed, whose ROUGE-L recall is at least `LEAST_SHARED`."""
    pairs = list(zip(labels, rouge, strict=True))
    if not pairs:
        raise ValueError("expected at least one pair, found none")
    return sum(label == ENTAILED and shared >= LEAST_SHARED for label, shared in pairs) / len(pairs)
