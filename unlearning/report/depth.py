"""In how many layers what is forgotten is gone, where there is a gold model to compare with.

Rule: gold must have been trained from the same base, or the figure means nothing; nobody can see that from
weights, so who names a gold says so.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from unlearning.encoding import Encoded
from unlearning.metrics.depth import unlearning_depth
from unlearning.metrics.depth_run import drops
from unlearning.report.figure import Figure, Group


def depth(full: Any, model: Any, gold: Any, rows: Sequence[Encoded]) -> Iterator[Figure]:
    """Nothing where no layer of the full model holds what gold doesn't know."""
    beside = zip(drops(full, gold, rows), drops(full, model, rows), strict=True)
    found = [one for one in (unlearning_depth(*pair) for pair in beside) if one is not None]
    if found:
        yield Figure(Group.DEPTH, "unlearning depth (UDS)", 0.0, float(np.mean(found)), 1.0)
