"""The model goes on foretelling what the frozen model foretells.

    sum over targets of sum over v of q(v) (log q(v) - log p(v))         divided by targets, in nats

Source: the KL baseline of TOFU (arXiv 2401.06121); with the frozen model's logits turned into
probabilities and without padding and prompts, which two published versions leave out. On `context` it
keeps lawful use of what a prompt supplies (contextual utility, arXiv 2510.17620).
"""

from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.special import entr

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def kl(kept: Forecast, reference: Tensor) -> Total:
    """`reference`: logits (tokens, vocabulary) of the frozen model at the same places."""
    kept.check(reference)
    return Total(taught(reference.softmax(-1), kept).sum(), len(kept))


def taught(teacher: Tensor, learner: Forecast) -> Tensor:
    """KL of the learner from a teacher's probabilities, place by place. The teacher may forbid tokens."""
    odds = teacher.detach().to(learner.logits.dtype)
    # What the learner is charged with costs one pass; the teacher's own entropy has no gradient.
    return cross_entropy(learner.logits, odds, reduction="none") - entr(odds).sum(-1)
