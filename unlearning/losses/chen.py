"""Away from what was said, towards what is wanted: by the mean hidden state of an answer.

    chen_negative: sum over texts of cos(e, e_frozen)                       divided by texts
    chen_positive: sum over texts of 1 - max over c of cos(e, c)            divided by texts

e is the mean state of an answer's places, c the means of clusters of wanted answers under the frozen
model. Source: Chen et al. 2024 (arXiv 2404.16841), of which the abstract alone could be read. From it: an
evaluator picks the dialogues, a distance to the old output drives away, a distance to the cluster mean of
expected outputs draws near, and an ordinary loss (`nll`) keeps the rest. Reconstructed, and perhaps
otherwise in the paper: that outputs are compared as hidden states, that answers are read and not
generated anew, the cosine (bounded, so ascent cannot run away), k-means, the nearest cluster, and all
weights.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from unlearning.losses.forecast import BatchError, Hidden
from unlearning.losses.total import Total

T = TypeVar("T")


def chen_negative(forget: Hidden, reference: Tensor) -> Total:
    """`reference`: states (tokens, width) of the frozen model at the same places."""
    forget.check(reference)
    frozen = Hidden(reference.detach(), forget.text, forget.texts).means()
    return Total(cosine_similarity(forget.means(), frozen, dim=-1).sum(), forget.texts)


def chen_positive(forget: Hidden, centres: Tensor) -> Total:
    """`centres`: (clusters, width)."""
    means = forget.means()
    if centres.ndim != 2 or not len(centres) or centres.shape[1] != means.shape[1]:
        raise BatchError(f"expected centres of width {means.shape[1]}, found {tuple(centres.shape)}")
    near = cosine_similarity(means[:, None], centres.to(means).detach()[None], dim=-1).amax(-1)
    return Total((1 - near).sum(), forget.texts)


def centres(means: Tensor, clusters: int, seed: int) -> Tensor:
    """The means (clusters, width) of groups of answers, by their mean states (texts, width)."""
    from scipy.cluster.vq import kmeans2

    if not 1 <= clusters <= len(means):
        raise ValueError(f"expected 1 to {len(means)} clusters, found {clusters}")
    drawn = means.detach().double().cpu().numpy()
    found, _ = kmeans2(drawn, clusters, minit="++", missing="raise", rng=seed)
    return torch.from_numpy(found).to(means)


def picked(dialogues: Sequence[T], evaluator: Callable[[T], float], threshold: float) -> list[T]:
    """The dialogues that the evaluator scores at the threshold or above: those to unlearn."""
    return [dialogue for dialogue in dialogues if evaluator(dialogue) >= threshold]
