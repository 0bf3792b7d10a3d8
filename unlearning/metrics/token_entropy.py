"""Token entropy: whether an answer says one thing over and over (Closer Look, arXiv 2410.08109).

The entropy of the answer's tokens divided by the highest that its length allows: 1 where none comes twice.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from math import log2


def token_entropy(tokens: Sequence[Hashable]) -> float:
    """An answer of no token, or of one, says nothing over and over: 0 and 1."""
    if len(tokens) < 2:
        return float(len(tokens))
    shares = [count / len(tokens) for count in Counter(tokens).values()]
    # The sum may be a rounding error beside the bound.
    return min(1.0, -sum(share * log2(share) for share in shares) / log2(len(tokens)))
