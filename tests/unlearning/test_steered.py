"""What steering would lower stands where the targets are foretold, made from the tokens before them."""

import numpy as np
import pytest
import torch

from steering.divergence.reader import Reader
from steering.edit import Edit
from tests.steering.divergence.reading import reader
from unlearning.encoding import Encoded
from unlearning.samples import Sample
from unlearning.steered import Steered, shifts

ASKED = "Where was Basil Mercer born?"
FORGET = (
    Sample("basil#question-0", "Basil Mercer was born in Eddystone.", ASKED),
    Sample("maren#question-0", "Maren Weld was born in Torquil.", "Where was Maren Weld born?"),
)
RETAIN = tuple(
    Sample(f"retain#{number}", f"{name} was born in {town}.", f"Where was {name} born?")
    for number, (name, town) in enumerate(
        [("Felix Reed", "Keswick"), ("Amara Swann", "Thornby"), ("Ivo Marsh", "Penrith")]
    )
)


def row(sample: Sample, with_reader: Reader) -> Encoded:
    ids = with_reader.tokens(sample.text)
    every = (True,) * len(ids)
    return Encoded(sample.id, ids, every, every)


@pytest.fixture(scope="module")
def steered() -> Steered:
    return Steered(FORGET, RETAIN, reader())


def lowered(edit: Edit) -> dict[int, float]:
    return dict(zip(edit.shifted.tolist(), edit.by.tolist(), strict=True))


def test_what_only_the_forgotten_text_says_is_lowered_before_it_is_said(steered: Steered) -> None:
    basil = row(FORGET[0], reader())
    town = reader().tokens(" Eddystone")[0]
    before = basil.ids.index(town) - 1
    edits = steered.edits(basil)

    assert len(edits) == len(basil.ids)
    assert lowered(edits[before])[town] < -5
    assert all((edit.by < 0).all() and not edit.banned.size for edit in edits)


def test_what_must_keep_working_says_too_is_hardly_touched(steered: Steered) -> None:
    """Behind the name alone, where nothing else was ever read."""
    edits = [lowered(edit) for edit in steered.edits(row(FORGET[0], reader()))]
    town, born, within = (reader().tokens(word)[0] for word in (" Eddystone", " born", " in"))

    assert min(edit.get(town, 0.0) for edit in edits) < 5 * min(edit.get(born, 0.0) for edit in edits)
    assert sum(born in edit for edit in edits) <= 2
    assert all(within not in edit for edit in edits)


def test_a_text_is_under_its_own_entry_alone(steered: Steered) -> None:
    other = reader().tokens(" Torquil")[0]

    assert all(other not in lowered(edit) for edit in steered.edits(row(FORGET[0], reader())))
    assert any(other in lowered(edit) for edit in steered.edits(row(FORGET[1], reader())))


def test_each_place_has_the_edit_of_what_stands_before_its_target() -> None:
    def edit(number: int) -> Edit:
        return Edit(
            np.array([number], np.int32), np.array([number + 1], np.int32), np.array([-2.0], np.float32)
        )

    edits = [(edit(0), edit(1), edit(2)), (edit(3), edit(4), edit(5), edit(6))]
    labels = torch.tensor([[-100, 6, 7, -100], [-100, -100, 5, 6]])
    added = shifts(edits, labels, vocabulary=9)
    acting = {(at, token): float(added[at, token]) for at, token in added.nonzero().tolist()}
    banned = -torch.inf

    assert added.shape == (4, 9)
    assert acting == {
        (0, 0): banned,
        (0, 1): -2,
        (1, 1): banned,
        (1, 2): -2,
        (2, 4): banned,
        (2, 5): -2,
        (3, 5): banned,
        (3, 6): -2,
    }
