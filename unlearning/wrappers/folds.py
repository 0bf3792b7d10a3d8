"""Layered unlearning: the forget items fall fold by fold, and what has yet to fall is kept until then.

Rule: in stage i the folds 1 to i are forgotten and all later ones retained, so that relearning some folds
finds no one direction that brings back all. Source: Qian et al. 2025 (arXiv 2505.09500).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage(Generic[T]):
    """`retain` comes on top of what must keep working anyway."""

    forget: tuple[T, ...]
    retain: tuple[T, ...]


def stages(items: Sequence[T], folds: int, seed: int) -> list[Stage[T]]:
    """Folds of sizes that differ by one at most, drawn by the seed."""
    if not 1 <= folds <= len(items):
        raise ValueError(f"expected 1 to {len(items)} folds, found {folds}")
    drawn = Random(seed).sample(items, len(items))
    parts = [tuple(drawn[first::folds]) for first in range(folds)]
    joined = chain.from_iterable
    return [Stage(tuple(joined(parts[:end])), tuple(joined(parts[end:]))) for end in range(1, folds + 1)]
