"""Self-distillation that takes the target away where it is least expected, and keeps everything else.

    sum over targets of KL(q' || p), where q'(v) is q(v) without the tokens of V, made to add up to one
    divided by targets, in nats

V is the target, and with `nucleus` also the likeliest tokens that together reach it, at the `share` of a
text's places where q of the target is lowest (rounded up); elsewhere V is empty and the model keeps what
it foretold. Source: SHRED (arXiv 2605.07482), by its formula; rounding up, and that a text's places
compete among themselves, are our readings. With `top` the frozen model counts only with so many of its
likeliest tokens. Needs no retain texts.
"""

import torch
from torch import Tensor

from unlearning.losses.forecast import BatchError, Forecast
from unlearning.losses.kl import taught
from unlearning.losses.total import Total


def shred(
    forget: Forecast,
    reference: Tensor,
    *,
    share: float = 0.3,
    nucleus: float | None = None,
    top: int | None = None,
) -> Total:
    """`reference`: logits (tokens, vocabulary) of the frozen model at the same places."""
    forget.check(reference)
    teacher = reference.detach().log_softmax(-1)
    surprising = _surprising(teacher, forget, share)[:, None]
    if top is not None:
        teacher = teacher.masked_fill(_ranks(teacher) >= top, -torch.inf)
    gone = _taken_away(teacher, forget.targets, nucleus) & surprising
    kept = teacher.masked_fill(gone, -torch.inf)
    if bool(kept.isneginf().all(-1).any()):
        raise BatchError("expected a token besides those taken away: lower `nucleus` or raise `top`")
    return Total(taught(kept.softmax(-1), forget).sum(), len(forget))


def _surprising(teacher: Tensor, forget: Forecast, share: float) -> Tensor:
    """Whether a place is among the share of its text's where the target is least likely."""
    likely = teacher.gather(1, forget.targets[:, None]).squeeze(1)
    by_likelihood = likely.argsort(stable=True)
    order = by_likelihood[forget.text[by_likelihood].argsort(stable=True)]
    lengths = forget.lengths()
    first = (lengths.cumsum(0) - lengths)[forget.text]
    rank = torch.empty_like(order).scatter(0, order, torch.arange(len(order), device=order.device)) - first
    return rank < (lengths * share).ceil()[forget.text]


def _taken_away(teacher: Tensor, targets: Tensor, nucleus: float | None) -> Tensor:
    gone = torch.zeros_like(teacher, dtype=torch.bool).scatter(1, targets[:, None], value=True)
    if nucleus is None:
        return gone
    odds, order = teacher.softmax(-1).sort(-1, descending=True)
    likeliest = torch.zeros_like(gone).scatter(1, order, odds.cumsum(-1) - odds < nucleus)
    return gone | likeliest


def _ranks(values: Tensor) -> Tensor:
    """0 for the largest of a row."""
    return values.argsort(-1, descending=True).argsort(-1)
