"""Negative preference optimisation: ascent that fades once a text is less likely than it was.

    sum over texts of -(2 / beta) log sigmoid(-beta (L - K))         divided by texts

Source: Zhang et al. 2024 (arXiv 2404.05868). L and K are sums of log probabilities of a text's targets: a
published benchmark subtracts raw logits there, which is another loss.
"""

from torch import Tensor
from torch.nn.functional import logsigmoid

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def npo(forget: Forecast, likelihood: Tensor, *, beta: float = 0.1) -> Total:
    """`likelihood`: K of each text (texts,)."""
    forget.check_texts(likelihood)
    gained = forget.by_text(forget.likelihoods()) - likelihood.detach()
    return Total((-2 / beta) * logsigmoid(-beta * gained).sum(), forget.texts)
