"""Whether a text was learnt from, guessed from its odds (membership inference).

Rule: every score is higher for what is less likely a member, and `auc` is near 1 where the members' are
lower. Sources: loss (Yeom et al., arXiv 1709.01604), zlib and reference (Carlini et al., arXiv 2012.07805),
Min-K (Shi et al., arXiv 2310.16789), Min-K++ (Zhang et al., arXiv 2404.02936), ReCaLL (Xie et al.,
arXiv 2406.15968).
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
# As in MUSE and OpenUnlearning; the papers of Min-K and Min-K++ take a fifth.
SHARE = 0.4


def loss(logp: Floats) -> float:
    return float(-logp.mean())


def zlib_loss(logp: Floats, text: str) -> float:
    """Beside what zlib makes of the text: what repeats itself is likely without having been learnt."""
    return loss(logp) / len(zlib.compress(text.encode()))


def min_k(logp: Floats, share: float = SHARE) -> float:
    """The loss of the least likely tokens alone."""
    return float(-_lowest(logp, share).mean())


def min_k_plus(logp: Floats, mean: Floats, spread: Floats, share: float = SHARE) -> float:
    """The same of log-probabilities beside those that the model gives all tokens at the same place."""
    # Where one token has all the odds there is no spread, and it is as likely as any can be.
    beside = np.divide(logp - mean, spread, out=np.zeros_like(logp), where=spread > 0)
    return float(-_lowest(beside, share).mean())


def reference(logp: Floats, other: Floats) -> float:
    """Beside a model that did not learn from it."""
    return loss(logp) - loss(other)


def after_unseen(logp: Floats, told: Floats) -> float:
    """ReCaLL: `told` are the same tokens behind texts that are no members. Those make what was learnt less
    likely, and what was not no less."""
    return float(-told.mean() / logp.mean()) if logp.any() else 0.0


def auc(members: Sequence[float] | Floats, others: Sequence[float] | Floats) -> float:
    """How often a member scores lower than another does; a tie is half."""
    if not len(members) or not len(others):
        raise ValueError("expected members and others, found none of one")
    ranks = rankdata(np.concatenate([members, others]))[: len(members)]
    lower = len(members) * len(others) + len(members) * (len(members) + 1) / 2 - float(ranks.sum())
    return lower / (len(members) * len(others))


def _lowest(values: Floats, share: float) -> Floats:
    """The lowest of the values, at least one."""
    return np.sort(values)[: max(1, int(len(values) * share))]
