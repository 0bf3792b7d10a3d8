"""What divergence decoding would do to a model's odds while it says what is to be forgotten.

Rules: it is made from the tokens before the target alone, as when the model is served; a text is under
its own entry only; names are left alone. No artefact and no key is needed: nothing of it is kept.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from index.derive import Lexicon, derive_phrases
from policy.entry import Entry, Question, Retain
from steering.divergence.form import ALPHA
from steering.divergence.ngrams import ends
from steering.divergence.pair import ORDER, TELLING, Excess, excess, retained
from steering.divergence.reader import Reader
from steering.edit import Edit
from unlearning.encoding import Encoded
from unlearning.losses.forecast import Places
from unlearning.samples import Sample

# After each token of a text.
Edits = tuple[Edit, ...]


class Steered:
    """Trained on the samples, entry by entry."""

    def __init__(self, forget: Iterable[Sample], retain: Sequence[Sample], reader: Reader) -> None:
        near = tuple(Retain(sample.text, sample.id) for sample in retain)
        kept, common = retained([Entry("", retain=near)], reader), Lexicon(one.text for one in near)
        self._excess: dict[str, Excess] = {}
        for entry in _entries(forget):
            names = derive_phrases(entry, common).names
            self._excess[entry.id] = excess(entry, names, kept, reader)

    def edits(self, row: Encoded) -> Edits:
        own = self._excess[_entry_id(row.id)]
        return tuple(_edit(own, row.ids[: end + 1]) for end in range(len(row.ids)))


def shifts(edits: Sequence[Edits], labels: Tensor, vocabulary: int) -> Tensor:
    """(tokens, vocabulary) at the places of labels (texts, length), padded on the right; a ban is -inf."""
    places = Places.of(labels)
    added = torch.zeros(len(places.targets), vocabulary)
    for place, (row, column) in enumerate(zip(places.row.tolist(), places.column.tolist(), strict=True)):
        edit = edits[row][column]
        added[place, torch.from_numpy(edit.shifted).long()] = torch.from_numpy(edit.by)
        added[place, torch.from_numpy(edit.banned).long()] = -torch.inf
    return added


def _entries(forget: Iterable[Sample]) -> Iterable[Entry]:
    ordered = sorted(forget, key=lambda sample: _entry_id(sample.id))
    for name, group in groupby(ordered, key=lambda sample: _entry_id(sample.id)):
        samples = list(group)
        asked = tuple(Question(one.prompt, one.answer) for one in samples if one.prompt)
        yield Entry(name, questions=asked, passages=tuple(one.answer for one in samples if not one.prompt))


def _entry_id(sample: str) -> str:
    """Samples of one entry, or of one file, are numbered behind it."""
    return sample.rpartition("#")[0] or sample


def _edit(own: Excess, before: Sequence[int]) -> Edit:
    told: dict[int, float] = {}
    for context in ends(before, ORDER - 1):
        for token, by in own.get(context, {}).items():
            told[token] = max(by, told.get(token, 0.0))
    lowered = [ALPHA * (TELLING - by) for by in told.values()]
    return Edit(np.empty(0, np.int32), np.array(list(told), np.int32), np.array(lowered, np.float32))
