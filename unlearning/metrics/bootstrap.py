"""How sure a mean over items is: the bound that it keeps when the items are drawn again (Efron, 1979).

Rule: differences are paired, item by item, so that what is hard for both models doesn't count as doubt.
"""

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.null_band import Band

_AT_ONCE = 1 << 20


def mean_band(
    differences: NDArray[np.float64], rng: np.random.Generator, draws: int = 10_000, level: float = 0.95
) -> Band:
    """Within it the mean lies in `level` of the draws. Above zero: the difference is no matter of these
    items."""
    count = len(differences)
    if not count:
        raise ValueError("expected at least one item, found none")
    rows = max(1, _AT_ONCE // count)
    sizes = [(min(rows, draws - start), count) for start in range(0, draws, rows)]
    means = [differences[rng.integers(count, size=size)].mean(axis=1) for size in sizes]
    outside = (1 - level) / 2
    low, high = np.quantile(np.concatenate(means), [outside, 1 - outside])
    return Band(float(low), float(high))
