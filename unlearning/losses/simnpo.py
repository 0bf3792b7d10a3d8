"""Negative preference optimisation without a frozen model: a text's mean likelihood is lowered.

    sum over texts of -(2 / beta) log sigmoid(beta (-L / T - delta))         divided by texts

Source: Fan et al. 2024 (arXiv 2410.07163); beta and delta as in its TOFU recipes, where the term weighs
0.125 beside a retain term of 1.
"""

from torch.nn.functional import logsigmoid

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def simnpo(forget: Forecast, *, beta: float = 4.5, delta: float = 0.0) -> Total:
    mean = forget.by_text(forget.likelihoods()) / forget.lengths()
    return Total((-2 / beta) * logsigmoid(beta * (-mean - delta)).sum(), forget.texts)
