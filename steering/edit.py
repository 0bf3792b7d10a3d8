"""What is to be done to one row of logits: some tokens banned, some shifted, all others left alone.

Rule: sparse and without torch. No id is banned twice or shifted twice; a banned one may be shifted too, and
is banned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Shifts = NDArray[np.float32]
_NO_IDS: Ids = np.empty(0, np.int32)
_NO_SHIFTS: Shifts = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Edit:
    """`by` has a number for each of `shifted`, added to its logit."""

    banned: Ids
    shifted: Ids
    by: Shifts

    @property
    def acts(self) -> bool:
        return bool(self.banned.size or self.shifted.size)

    @staticmethod
    def nothing() -> "Edit":
        """Always the same one, as nearly every edit is this."""
        return _NOTHING


_NOTHING = Edit(_NO_IDS, _NO_IDS, _NO_SHIFTS)


def join(edits: Sequence[Edit]) -> Edit:
    """All of them in one: what any bans is banned, and of several shifts of a token the lowest counts."""
    acting = [edit for edit in edits if edit.acts]
    if not acting:
        return Edit.nothing()
    if len(acting) == 1:
        return acting[0]
    banning = [edit.banned for edit in acting if edit.banned.size]
    shifting = [edit for edit in acting if edit.shifted.size]
    banned = banning[0] if len(banning) == 1 else np.unique(np.concatenate([_NO_IDS, *banning]))
    if len(shifting) == 1:
        return Edit(banned, shifting[0].shifted, shifting[0].by)
    return Edit(banned, *_lowest(shifting))


def _lowest(shifting: Sequence[Edit]) -> tuple[Ids, Shifts]:
    ids = np.concatenate([_NO_IDS, *(edit.shifted for edit in shifting)])
    by = np.concatenate([_NO_SHIFTS, *(edit.by for edit in shifting)])
    order = np.lexsort((by, ids))
    shifted, first = np.unique(ids[order], return_index=True)
    return shifted, by[order][first]
