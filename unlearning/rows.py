"""Which texts are learnt together: what row of which part stands at which place of the run.

Rule: a place follows from the seed, its number and what was taken up before it, so that a run which goes
on after a stop sees what it would have seen. Every text that does not rest is seen once before one is
seen again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import torch
from torch.utils.data import Dataset

from unlearning.encoding import Coder, Encoded
from unlearning.losses.read import Kind, Part
from unlearning.steered import Edits, shifts

# A text and what else was said of it, such as its likelihood under the frozen model.
Row = dict[Part, "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    row: Encoded
    likelihood: float = 0.0
    edits: Edits = ()


@dataclass(frozen=True, slots=True)
class Texts:
    """`paired` has the parts whose i-th text belongs to the i-th forgotten or retain text."""

    forget: tuple[Told, ...]
    retain: tuple[Told, ...] = ()
    beside_forget: Mapping[Part, tuple[Told, ...]] | None = None
    beside_retain: Mapping[Part, tuple[Told, ...]] | None = None


class Rows(Dataset[Row]):  # type: ignore[misc]  # torch is not typed here
    """As many places as the whole run has."""

    def __init__(self, texts: Texts, seed: int, places: int) -> None:
        self._texts = texts
        self._places = places
        self._order = lru_cache(maxsize=8)(lambda name, count: _order(f"{seed} {name}", count))
        # From which place on which texts are forgotten.
        self._taken: list[tuple[int, Sequence[int]]] = [(0, range(len(texts.forget)))]

    @property
    def forgotten(self) -> Sequence[Told]:
        return self._texts.forget

    def take(self, first: int, active: Sequence[int]) -> None:
        """From this place on only these of the forgotten texts are learnt from."""
        self._taken.append((first, tuple(active)))

    def __len__(self) -> int:
        return self._places

    def __getitem__(self, place: int) -> Row:
        first, active = next(taken for taken in reversed(self._taken) if taken[0] <= place)
        name = f"forget {first}" if first else "forget"
        chosen = active[self._drawn(name, place - first, len(active))]
        row = _beside(Part.FORGET, self._texts.forget, self._texts.beside_forget, chosen)
        if self._texts.retain:
            chosen = self._drawn("retain", place, len(self._texts.retain))
            row |= _beside(Part.RETAIN, self._texts.retain, self._texts.beside_retain, chosen)
        return row

    def _drawn(self, name: str, place: int, count: int) -> int:
        lap, at = divmod(place, count)
        return self._order(f"{name} {lap}", count)[at]


def collate(
    rows: Sequence[Row], coder: Coder, keys: frozenset[Part], vocabulary: int
) -> dict[str, dict[str, torch.Tensor]]:
    """The parts of a batch, all padded to one width, so that a model can read them at once.

    `keys`: the parts of whose answers only what tells is a target.
    """
    width = max(len(told.row.ids) for row in rows for told in row.values())
    made: dict[str, dict[str, torch.Tensor]] = {
        part: _part([row[part] for row in rows], coder, width, part in keys) for part in rows[0]
    }
    if rows[0][Part.FORGET].edits:
        edits = [row[Part.FORGET].edits for row in rows]
        made[Part.FORGET][Kind.SHIFT] = shifts(edits, made[Part.FORGET]["labels"], vocabulary)
    return made


def _beside(
    part: Part, told: Sequence[Told], beside: Mapping[Part, Sequence[Told]] | None, chosen: int
) -> Row:
    return {part: told[chosen]} | {name: other[chosen] for name, other in (beside or {}).items()}


def _part(told: Sequence[Told], coder: Coder, width: int, telling: bool) -> dict[str, torch.Tensor]:
    batch = coder.batch([one.row for one in told], telling=telling, width=width)
    return batch | {"likelihood": torch.tensor([one.likelihood for one in told])}


def _order(seed: str, count: int) -> list[int]:
    return Random(seed).sample(range(count), count)
