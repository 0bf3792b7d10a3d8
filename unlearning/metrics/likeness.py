"""How like two figures are, from 0 to 1, the same whichever comes first.

1 - |a - b| / (|a| + |b|). OpenUnlearning asks by it whether a model relearns as gold does, and whether its
figures outlast quantisation.
"""


def likeness(one: float, other: float) -> float:
    """Two zeros are alike."""
    size = abs(one) + abs(other)
    return 1 - min(1.0, abs(one - other) / size) if size else 1.0
