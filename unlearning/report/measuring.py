"""One model asked all that a report tells of it.

Rule: the model is left as it was; every model of one report is asked the same things in the same way.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unlearning.encoding import Encoded
from unlearning.metrics.extraction_strength import extraction_strength
from unlearning.metrics.membership import min_k
from unlearning.metrics.memorization import memorization_accuracy
from unlearning.metrics.privacy_leak import Guesses
from unlearning.metrics.rounding import rounded, to_bits
from unlearning.metrics.scoring import Scored, score
from unlearning.metrics.truth_ratio import log_ratios
from unlearning.report.asked import Asked, Effort
from unlearning.report.lessons import relearned
from unlearning.report.measured import Known, Measured


def measure(model: Any, asked: Asked, effort: Effort | None = None) -> Measured:
    effort = effort or Effort()

    def read(rows: Sequence[Encoded]) -> list[Scored]:
        return score(model, rows, effort.batch)

    forget, holdout = read(asked.forget), read(asked.holdout)
    return Measured(
        ids=tuple(row.id for row in asked.forget),
        forget=_known(forget),
        retain=_known(read(asked.retain)),
        holdout=_known(holdout),
        guesses=Guesses(_odds(forget), _odds(holdout)) if holdout else None,
        ratios=_ratios(model, asked, forget, effort.batch),
        bits={bits: _keys(score(rounded(model, to_bits(bits)), asked.forget)) for bits in effort.bits},
        relearned=relearned(model, asked, effort.lessons, effort.folds) if effort.lessons else None,
        contexts={context: _keys(read(rows)) for context, rows in asked.contexts.items()},
    )


def _known(scored: Sequence[Scored]) -> Known:
    return Known(
        _keys(scored),
        np.array([memorization_accuracy(one.right) for one in scored]),
        np.array([extraction_strength(one.right) for one in scored]),
        np.array([np.exp(one.logp.mean()) for one in scored]),
    )


def _keys(scored: Sequence[Scored]) -> NDArray[np.bool_]:
    return np.array([one.knows for one in scored], dtype=bool)


def _odds(scored: Sequence[Scored]) -> NDArray[np.float64]:
    return np.array([min_k(one.logp) for one in scored])


def _ratios(model: Any, asked: Asked, forget: Sequence[Scored], batch: int) -> NDArray[np.float64] | None:
    if not asked.wrong:
        return None
    right = score(model, asked.paraphrased, batch) if asked.paraphrased else forget
    # As many wrong answers for each item as the one with the fewest has.
    count = min(len(rows) for rows in asked.wrong)
    wrong = [score(model, [rows[place] for rows in asked.wrong], batch) for place in range(count)]
    return log_ratios(_means(right), np.stack([_means(one) for one in wrong], axis=1))


def _means(scored: Sequence[Scored]) -> NDArray[np.float64]:
    return np.array([one.logp.mean() for one in scored])
