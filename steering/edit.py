"""What is to be done to one row of logits: some tokens banned, some shifted, all others left alone.

Rule: sparse and without torch. No id stands twice, and a banned one is not shifted too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Shifts = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Edit:
    """`by` has a number for each of `shifted`, added to its logit."""

    banned: Ids
    shifted: Ids
    by: Shifts

    @property
    def acts(self) -> bool:
        return bool(self.banned.size or self.shifted.size)

    @classmethod
    def nothing(cls) -> "Edit":
        return cls(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))


def join(edits: Sequence[Edit]) -> Edit:
    """All of them in one: what any bans is banned, and of several shifts of a token the lowest counts."""
    acting = [edit for edit in edits if edit.acts]
    if not acting:
        return Edit.nothing()
    if len(acting) == 1:
        return acting[0]
    banned = np.unique(np.concatenate([edit.banned for edit in acting]))
    ids = np.concatenate([edit.shifted for edit in acting])
    by = np.concatenate([edit.by for edit in acting])
    order = np.lexsort((by, ids))
    shifted, first = np.unique(ids[order], return_index=True)
    kept = ~np.isin(shifted, banned)
    return Edit(banned, shifted[kept], by[order][first][kept])
