"""Answer preservation: where the model should answer, the answer stays likelier than not to know.

    sum over texts of -(1 / beta) log sigmoid(beta (L_answer - L_declined))         divided by texts

Source: Yuan et al. 2024 (A Closer Look, arXiv 2410.08109). Without it a model that learns to say that it
does not know says so everywhere.
"""

from torch.nn.functional import logsigmoid

from unlearning.losses.forecast import Forecast
from unlearning.losses.total import Total


def ap(retain: Forecast, declined: Forecast, *, beta: float = 0.1) -> Total:
    declines = declined.by_text(declined.likelihoods())
    retain.check_texts(declines)
    prefers = retain.by_text(retain.likelihoods()) - declines
    return Total(-logsigmoid(beta * prefers).sum() / beta, retain.texts)
