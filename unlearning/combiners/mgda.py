"""Multiple-gradient descent: the direction that lowers every term, as far as there is one.

    the shortest sum over i of lambda_i g_i, where all lambda_i >= 0 add up to 1

Going against it raises no term; it is zero where no direction helps all. Source: Désidéri 2012; MOLLM
(arXiv 2412.20412) combines UCE, KL and a retain loss so. The dual problem is as small as there are terms:
it is solved exactly, by looking at every set of terms that can be above zero.
"""

from collections.abc import Sequence
from itertools import chain, combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from unlearning.combiners.added import Sum, added, inner
from unlearning.combiners.combiner import Gradient

# Every set of them is looked at.
MOST_TERMS: Final = 8
Matrix = NDArray[np.float64]


class Mgda(Sum):
    apart = True

    def combine(self, gradients: Sequence[Gradient]) -> list[Tensor]:
        return added(gradients, shares(gradients))


def shares(gradients: Sequence[Gradient]) -> list[float]:
    """The lambdas."""
    if not 1 <= len(gradients) <= MOST_TERMS:
        raise ValueError(f"expected 1 to {MOST_TERMS} terms, found {len(gradients)}")
    products = np.array([[inner(left, right) for right in gradients] for left in gradients])
    if not np.isfinite(products).all():
        raise ValueError("expected gradients that are finite")
    return [float(share) for share in shortest(products)]


def shortest(products: Matrix) -> Matrix:
    """Where x' products x is least among x >= 0 that add up to 1."""
    count = len(products)
    sets = chain.from_iterable(combinations(range(count), size) for size in range(1, count + 1))
    found = [x for x in (_within(products, list(some)) for some in sets) if x is not None]
    return min(found, key=lambda x: float(x @ products @ x))


def _within(products: Matrix, some: list[int]) -> Matrix | None:
    """The least where just these may be above zero; None where it lies outside."""
    inside = products[np.ix_(some, some)] / (float(np.abs(products).max()) or 1.0)
    ones = np.ones((len(some), 1))
    # The least under one constraint. Gradients that are alike or opposite make it singular.
    conditions = np.block([[inside, -ones], [ones.T, np.zeros((1, 1))]])
    solved = np.linalg.lstsq(conditions, np.append(np.zeros(len(some)), 1.0), rcond=None)[0][:-1]
    if (solved < 0).any():
        return None
    x = np.zeros(len(products))
    x[some] = solved
    return x
