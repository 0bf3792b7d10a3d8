"""What models may be found to know, made up: no model is asked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.in_context import Context
from unlearning.metrics.privacy_leak import Guesses
from unlearning.metrics.relearning import Curve, Point
from unlearning.report.measured import Known, Measured, Relearned

Flags = NDArray[np.bool_]


def some(count: int, share: float, seed: int = 0) -> Flags:
    """Flags of which about that share is set."""
    return np.random.default_rng(seed).random(count) < share


def known(keys: Flags) -> Known:
    level = np.where(keys, 0.95, 0.05)
    return Known(keys, level, np.where(keys, 1.0, 0.0), level)


def measured(
    forget: Flags,
    *,
    back: Flags | None = None,
    bits: Flags | None = None,
    context: Flags | None = None,
    retain: float = 1.0,
    seed: int = 0,
    ids: Sequence[str] = (),
) -> Measured:
    """A model that knows these items. What comes back, and otherwise comes out, is the same if not given."""
    count = len(forget)
    rng = np.random.default_rng(seed)
    later = forget if back is None else back
    points = (Point(0, float(forget.mean()), float(forget.mean())), Point(50, 1.0, float(later.mean())))
    return Measured(
        ids=tuple(ids or (f"entry-{place // 4}#question-{place % 4}" for place in range(count))),
        forget=known(forget),
        retain=known(some(100, retain)),
        holdout=known(some(count, 0.04, seed + 50)),
        guesses=Guesses(rng.normal(np.where(forget, -4, 0), 1), rng.normal(0, 1, count)),
        ratios=rng.normal(np.where(forget, -3, 0), 0.5),
        bits={4: forget if bits is None else bits},
        relearned=Relearned(Curve(points), later, some(count, 0.06, seed + 51)),
        contexts={Context.RULES: forget if context is None else context},
    )
