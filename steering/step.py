"""The edits of all rows of one step, put into its logits together.

Rules: a row whose edit is not known ends; an ended row has its end ids left, and nothing else. Ids that a
row does not have, as where a tokenizer has more than its model, are nobody's. Rows without an edit are not
touched.
"""

from typing import Any

import numpy as np

from steering.apply import apply_edits
from steering.apply_rule import Rule
from steering.edit import Edit
from steering.trouble import tell


class Step:
    """`width`: how many ids a row has."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._edits: list[tuple[int, Edit]] = []
        self._plain: list[tuple[int, Edit]] = []
        self._ended: list[int] = []

    def add(self, place: int, edit: Edit | None, *, plain: bool = False) -> None:
        if edit is None:
            self._ended.append(place)
        elif edit.acts:
            (self._plain if plain else self._edits).append((place, self._within(edit)))

    def apply(self, logits: Any, rule: Rule) -> None:
        try:
            apply_edits(logits, self._edits, rule)
            for place, edit in self._plain:
                _put_plainly(logits[place], edit)
        except Exception as error:
            tell("editing the odds", error)
            self._ended += [place for place, _ in (*self._edits, *self._plain)]
        end_rows(logits, self._ended, rule.ends)

    def _within(self, edit: Edit) -> Edit:
        if max(edit.banned.max(initial=0), edit.shifted.max(initial=0)) < self._width:
            return edit
        kept = edit.shifted < self._width
        return Edit(edit.banned[edit.banned < self._width], edit.shifted[kept], edit.by[kept])


def end_rows(logits: Any, places: list[int], ends: tuple[int, ...]) -> None:
    for place in places:
        logits[place] = -float("inf")
        logits[place, list(ends)] = 0.0


def _put_plainly(row: Any, edit: Edit) -> None:
    import torch

    shifted, by = torch.from_numpy(edit.shifted.astype(np.int64)), torch.from_numpy(edit.by)
    row[shifted.to(row.device)] += by.to(row.device)
    row[torch.from_numpy(edit.banned.astype(np.int64)).to(row.device)] = -float("inf")
