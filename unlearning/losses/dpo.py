"""Preference optimisation: another answer to the prompt gains on the true one.

    sum over texts of -(2 / beta) log sigmoid(beta ((L' - K') - (L - K)))         divided by texts

L' and K' are of the alternative: a refusal (the DPO baseline of TOFU, arXiv 2401.06121) or an answer made
up by a model (AltPO, arXiv 2409.13474).
"""

from torch import Tensor
from torch.nn.functional import logsigmoid

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def dpo(
    forget: Forecast,
    likelihood: Tensor,
    alternative: Forecast,
    alternative_likelihood: Tensor,
    *,
    beta: float = 0.1,
) -> Total:
    """The likelihoods: K and K' of each text (texts,)."""
    forget.check_texts(likelihood)
    forget.check_texts(alternative_likelihood)
    prefers = alternative.by_text(alternative.likelihoods())
    forget.check_texts(prefers)
    gained = prefers - alternative_likelihood.detach()
    lost = forget.by_text(forget.likelihoods()) - likelihood.detach()
    return Total((-2 / beta) * logsigmoid(beta * (gained - lost)).sum(), forget.texts)
