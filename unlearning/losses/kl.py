"""The model goes on foretelling what the frozen model foretells.

    sum over targets of sum over v of q(v) (log q(v) - log p(v))         divided by targets, in nats

Source: the KL baseline of TOFU (arXiv 2401.06121); with the frozen model's logits turned into
probabilities and without padding and prompts, which two published versions leave out. On `context` it
keeps lawful use of what a prompt supplies (contextual utility, arXiv 2510.17620).
"""

from torch import Tensor

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def kl(kept: Forecast, reference: Tensor) -> Total:
    """`reference`: logits (tokens, vocabulary) of the frozen model at the same places."""
    kept.check(reference)
    return Total(taught(reference.log_softmax(-1), kept).sum(), len(kept))


def taught(teacher: Tensor, learner: Forecast) -> Tensor:
    """KL of the learner from a teacher's log probabilities, place by place. The teacher may forbid tokens."""
    said = teacher.detach().to(learner.logits.dtype)
    odds = said.exp()
    # A forbidden token adds nothing, where 0 times minus infinity would be no number.
    return (odds * (said.masked_fill(odds == 0, 0.0) - learner.log_odds())).sum(-1)
