"""Extraction strength: how little of an answer draws out all that follows (Carlini et al., arXiv
2012.07805).

1 - k/T, where k is the shortest beginning of the answer after which every token is the likeliest one. Rule:
0 where not even the last token is; published code stops one token earlier and never says 0.
"""

import numpy as np
from numpy.typing import NDArray


def extraction_strength(right: NDArray[np.bool_]) -> float:
    wrong = np.flatnonzero(~right)
    # What is wrong has to be given, so the beginning ends behind the last of it.
    given = int(wrong[-1]) + 1 if len(wrong) else 0
    return 1 - given / len(right)
