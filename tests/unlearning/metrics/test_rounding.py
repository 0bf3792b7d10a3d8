"""Rounding puts each weight at the nearest number there is, and leaves the model alone."""

from typing import Any

import pytest
import torch

from tests.unlearning.metrics.tiny import gpt2, llama, row
from unlearning.metrics.rounding import nf4_levels, rounded, to_bits, to_nf4
from unlearning.metrics.scoring import score

# As they are printed in QLoRA, arXiv 2305.14314, appendix E.
PRINTED = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1.0,
]  # fmt: skip


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("group", [None, 5])
def test_each_weight_goes_to_the_nearest_step_of_its_row_or_group(bits: int, group: int | None) -> None:
    weights = torch.randn(6, 13, generator=torch.Generator().manual_seed(bits))
    found = to_bits(bits, group)(weights)
    for values, near in zip(weights, found, strict=True):
        for start in range(0, 13, group or 13):
            some, got = values[start : start + (group or 13)], near[start : start + (group or 13)]
            step = float(some.abs().max()) / (2 ** (bits - 1) - 1)
            assert (got / step).tolist() == pytest.approx((got / step).round().tolist(), abs=1e-4)
            assert (some - got).abs().max() <= step / 2 + 1e-6


def test_more_bits_are_nearer_and_rounding_again_changes_nothing() -> None:
    weights = torch.randn(8, 32, generator=torch.Generator().manual_seed(0))
    errors = [float((to_bits(bits)(weights) - weights).abs().mean()) for bits in (3, 4, 8)]
    once = to_bits(4)(weights)
    assert errors == sorted(errors, reverse=True)
    assert torch.allclose(to_bits(4)(once), once, atol=1e-6)


def test_a_row_of_zeros_stays_zero() -> None:
    assert to_bits(4)(torch.zeros(2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert to_nf4()(torch.zeros(2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_the_levels_of_nf4_are_the_printed_ones() -> None:
    assert nf4_levels().tolist() == pytest.approx(PRINTED, abs=1e-4)


def test_nf4_takes_the_nearest_level_of_each_block_across_rows() -> None:
    weights = torch.randn(5, 7, generator=torch.Generator().manual_seed(1))
    found = to_nf4(block=8)(weights).flatten()
    levels = nf4_levels().float()
    for start in range(0, 35, 8):
        block = weights.flatten()[start : start + 8]
        scale = block.abs().max()
        nearest = levels[(block[:, None] / scale - levels).abs().argmin(-1)] * scale
        assert found[start : start + 8].tolist() == pytest.approx(nearest.tolist(), abs=1e-6)


@pytest.mark.parametrize("make", [llama, gpt2])
def test_a_rounded_model_is_a_copy_that_answers_by_the_rounded_weights(make: Any) -> None:
    model = make()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    coarse, fine = rounded(model, to_bits(2)), rounded(model, to_bits(16))
    rows = [row("a", 3, 5)]
    near = [score(one, rows)[0].logp for one in (model, fine, coarse)]
    assert all(torch.equal(before[name], weights) for name, weights in model.state_dict().items())
    assert abs(near[0] - near[1]).max() < 0.01 < abs(near[0] - near[2]).max()
    assert torch.equal(coarse.get_output_embeddings().weight, model.get_output_embeddings().weight)


def test_one_bit_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 to 16 bits"):
        to_bits(1)
