"""How an excess becomes an edit: lowered in proportion to it, or banned by rank.

Rule: what exceeds by less than `TELLING` is left alone in either form.
"""

from enum import StrEnum

import numpy as np

from steering.divergence.pair import TELLING
from steering.divergence.table import Found
from steering.edit import Edit

ALPHA = 5.0
TOP = 20


class Form(StrEnum):
    LINEAR = "linear"
    RANK = "rank"


def linear(found: Found, alpha: float) -> Edit:
    """`logit - alpha * (excess - TELLING)`."""
    by = (np.float32(TELLING) - found.excess) * np.float32(alpha)
    return Edit(np.empty(0, np.int32), found.tokens, by.astype(np.float32))


def rank(found: Found, top: int) -> Edit:
    """The `top` tokens that are foretold from the longest contexts, and of these exceed most, are banned."""
    first = np.lexsort((-found.excess, -found.length))[:top]
    return Edit(np.sort(found.tokens[first]), np.empty(0, np.int32), np.empty(0, np.float32))
