"""Lists of hashes, of different lengths, as two arrays of one .npz file."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np


def flat(name: str, lists: Sequence[Sequence[int]]) -> dict[str, Any]:
    sizes = np.array([len(one) for one in lists], np.int64)
    return {name: np.array(list(chain.from_iterable(lists)), np.uint64), f"{name}_sizes": sizes}


def lists(name: str, kept: Any) -> Iterator[list[int]]:
    values = kept[name].tolist()
    for start, stop in pairwise(accumulate(kept[f"{name}_sizes"].tolist(), initial=0)):
        yield values[start:stop]
