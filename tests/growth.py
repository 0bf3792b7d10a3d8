"""How work grows with the size of what it is given, in processor time, and how fast this machine is.

Rule: it is tried a few times and the least counts, because what else the machine does only makes it longer.
Nor does the collector of garbage run meanwhile: it looks through all that other tests left in the process.
"""

import gc
from collections.abc import Callable
from math import inf
from time import process_time

TRIES = 5


def grows_at_most(factor: float, work: Callable[[int], object], small: int, large: int) -> bool:
    """Whether the large size takes at most this many times as long as the small one."""
    least = {small: inf, large: inf}
    for _ in range(TRIES):
        for size in least:
            least[size] = min(least[size], _taken(work, size))
        if least[large] <= factor * least[small]:
            return True
    return False


def _taken(work: Callable[[int], object], size: int) -> float:
    gc.disable()
    try:
        begun = process_time()
        work(size)
        return process_time() - begun
    finally:
        gc.enable()


def pace_s() -> float:
    """The time of a work that is always the same: what else is measured in it is the same on any machine."""
    return min(_taken(lambda size: sorted(map(str, range(size))), 100_000) for _ in range(TRIES))


def takes_at_most(paces: float, work: Callable[[], object]) -> bool:
    """Whether it takes at most so many times the pace, once at least."""
    return any(_taken(lambda _: work(), 0) <= paces * pace_s() for _ in range(TRIES))
