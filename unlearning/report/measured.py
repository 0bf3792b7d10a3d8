"""What one model was found to know, item by item.

Rule: every list of items is in the order of the items asked about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.in_context import Context
from unlearning.metrics.privacy_leak import Guesses
from unlearning.metrics.relearning import Curve

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """Of each item: whether its key is known; how much of the answer is foretold, and drawn out by how
    little of it; how likely the answer is."""

    keys: Flags
    foretold: Floats
    strength: Floats
    likely: Floats


@dataclass(frozen=True, slots=True)
class Relearned:
    """`back`: which items came back in any run that did not teach them. `unseen`: which of the holdout did
    in the same runs, who never knew them. `curve` is the mean over the runs."""

    curve: Curve
    back: Flags
    unseen: Flags


@dataclass(frozen=True, slots=True)
class Measured:
    ids: tuple[str, ...]
    forget: Known
    retain: Known
    holdout: Known
    guesses: Guesses | None
    ratios: Floats | None = None
    bits: Mapping[int, Flags] = field(default_factory=dict)
    relearned: Relearned | None = None
    contexts: Mapping[Context, Flags] = field(default_factory=dict)
