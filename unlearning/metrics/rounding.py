"""Weights as a smaller number of bits holds them, to ask a model again as it would be served.

What small updates hid comes back when they are rounded away (arXiv 2410.16454). Rules: the model given is
left as it is; all linear layers but the last are rounded, as servers do it; the rounded weights stay
floating-point numbers, so that this runs anywhere. Merge an adapter first: what is beside the weights isn't
rounded with them.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

import torch
from scipy.stats import norm
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

Rounding = Callable[[Tensor], Tensor]
# By the paper (QLoRA, arXiv 2305.14314): the furthest quantile, and so many weights to one scale.
FURTHEST: Final = 0.9677083
BLOCK: Final = 64


def rounded(model: Any, rounding: Rounding) -> Any:
    """A copy whose linear layers hold what `rounding` makes of their rows, one row for each output."""
    copy = deepcopy(model)
    last = copy.get_output_embeddings()
    with torch.no_grad():
        for layer in copy.modules():
            if isinstance(layer, nn.Linear) and layer is not last:
                layer.weight.copy_(rounding(layer.weight))
            elif isinstance(layer, Conv1D):
                layer.weight.copy_(rounding(layer.weight.T).T)
    return copy


def to_bits(bits: int, group: int | None = None) -> Rounding:
    """To the nearest of 2**bits - 1 evenly spaced numbers around zero; one scale a row, or one for each
    `group`."""
    if not 2 <= bits <= 16:
        raise ValueError(f"expected 2 to 16 bits, found {bits}")
    most = 2 ** (bits - 1) - 1

    def rounding(weights: Tensor) -> Tensor:
        blocks = _blocks(weights, group or weights.shape[-1])
        scale = blocks.abs().amax(-1, keepdim=True) / most
        near = torch.where(scale > 0, blocks / scale, 0.0).round().clamp(-most, most)
        return _whole(near * scale, weights)

    return rounding


def to_nf4(block: int = BLOCK) -> Rounding:
    """To the nearest of sixteen quantiles of the normal distribution, times each block's largest weight."""
    levels = nf4_levels()
    between = (levels[1:] + levels[:-1]) / 2

    def rounding(weights: Tensor) -> Tensor:
        # As bitsandbytes does it, a block goes on from one row to the next.
        blocks = _blocks(weights.reshape(1, -1), block)
        scale = blocks.abs().amax(-1, keepdim=True)
        shares = torch.where(scale > 0, blocks / scale, 0.0).contiguous()
        near = levels.to(shares)[torch.bucketize(shares, between.to(shares))]
        return _whole(near * scale, weights)

    return rounding


def nf4_levels() -> Tensor:
    """Zero, eight quantiles above it and seven below, the furthest at 1 and -1."""
    above = norm.ppf(torch.linspace(FURTHEST, 0.5, 9, dtype=torch.float64)[:-1])
    below = -norm.ppf(torch.linspace(FURTHEST, 0.5, 8, dtype=torch.float64)[:-1])
    levels = torch.tensor([*below, 0.0, *above]).sort().values
    return levels / levels.max()


def _blocks(weights: Tensor, size: int) -> Tensor:
    """Rows cut into blocks of `size`, the last filled up with zeros."""
    values = weights.float()
    values = nn.functional.pad(values, (0, -values.shape[-1] % size))
    return values.reshape(values.shape[0], -1, size)


def _whole(blocks: Tensor, weights: Tensor) -> Tensor:
    """The blocks put together in the weights' own shape."""
    if blocks.shape[0] == weights.shape[0]:
        return blocks.flatten(1)[:, : weights.shape[1]]
    return blocks.flatten()[: weights.numel()].reshape(weights.shape)
