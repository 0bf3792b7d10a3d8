"""The same steering in transformers' `generate`: beams may be dropped, doubled and reordered."""

import numpy as np
import torch

from steering.hf import SteeringProcessor
from tests.steering.fakes import steerer

WIDTH = 12


def banned(processor: SteeringProcessor, *said: list[int]) -> list[list[int]]:
    scores = processor(torch.tensor(said), torch.zeros(len(said), WIDTH))
    return [np.flatnonzero(np.isneginf(row)).tolist() for row in scores.numpy()]


def test_rows_are_known_by_what_they_have_said() -> None:
    processor = SteeringProcessor(steerer())
    assert banned(processor, [1, 5], [1, 1]) == [[], []]
    assert banned(processor, [1, 1, 4], [1, 5, 6]) == [[], [7]]
    assert banned(processor, [1, 5, 6, 3], [1, 5, 6, 4]) == [[], []]


def test_a_beam_that_was_doubled_goes_two_ways() -> None:
    processor = SteeringProcessor(steerer())
    assert banned(processor, [1, 5]) == [[]]
    assert banned(processor, [1, 5, 4], [1, 5, 6]) == [[], [7]]


def test_another_prompt_begins_anew() -> None:
    processor = SteeringProcessor(steerer())
    assert banned(processor, [1, 5]) == [[]]
    assert banned(processor, [5, 6]) == [[7]]


def test_the_scores_that_came_are_left_as_they_are() -> None:
    scores = torch.zeros(1, WIDTH)
    SteeringProcessor(steerer())(torch.tensor([[5, 6]]), scores)
    assert torch.isfinite(scores).all()
