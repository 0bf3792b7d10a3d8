"""Iterative refinement: an item rests once what the model says in its place is far from it, and may come
back.

Rules: after every round each item is said anew, resting or not; what is not judged is trained on. Source:
ICU (arXiv 2407.20271), with BERTScore below 0.3 or BLEU below 0.01; there and here one of the two is
enough. A similarity of another kind needs its own threshold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """How near what was said is to the item: in meaning, and in words."""

    similarity: float
    overlap: float


@dataclass(frozen=True, slots=True)
class Refinement:
    similarity: float = 0.3
    overlap: float = 0.01

    def active(self, items: Iterable[str], said: Mapping[str, Said]) -> list[str]:
        """The ids that are trained on in the next round, in their order; none: everything is far enough."""
        return [item for item in items if item not in said or self._near(said[item])]

    def _near(self, said: Said) -> bool:
        # Written so that what is no number counts as near.
        return not (said.similarity < self.similarity or said.overlap < self.overlap)
