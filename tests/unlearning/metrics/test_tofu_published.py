"""TOFU's figures of the two models whose numbers its authors published (their README in tests/data)."""

import numpy as np
import pytest

from tests.unlearning.metrics.tofu_logs import Log, logs
from unlearning.metrics.forget_quality import forget_quality
from unlearning.metrics.model_utility import Kept, model_utility
from unlearning.metrics.probability import probability, probability_among
from unlearning.metrics.truth_ratio import Mean, forgotten, kept, log_ratios

EXACT = 1e-6


def utility(model: str, mean: Mean) -> float:
    sets = logs(model)
    return model_utility(
        [
            _kept(sets["retain"], probability(sets["retain"].answers), mean),
            *(
                _kept(one, probability_among(one.answers, one.wrong), mean)
                for one in (sets["real_authors"], sets["world_facts"])
            ),
        ]
    )


def _kept(log: Log, likely: np.ndarray, mean: Mean) -> Kept:
    truth = kept(log_ratios(log.paraphrased, log.wrong, mean)).mean()
    return Kept(float(likely.mean()), float(log.rouge.mean()), float(truth))


@pytest.mark.parametrize(
    ("model", "mean", "expected"),
    [
        ("full", Mean.GEOMETRIC, 0.6226773637427151),
        ("full", Mean.ARITHMETIC, 0.585886035092722),
        ("retain90", Mean.GEOMETRIC, 0.613744995233942),
    ],
)
def test_the_utility_of_the_published_models_is_known(model: str, mean: Mean, expected: float) -> None:
    assert utility(model, mean) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(
    ("model", "likely", "rouge", "truth"),
    [("full", 0.990939, 0.985450, 0.515985), ("retain90", 0.147563, 0.408244, 0.674019)],
)
def test_what_the_published_models_say_of_the_forgotten_is_known(
    model: str, likely: float, rouge: float, truth: float
) -> None:
    log = logs(model)["forget"]
    assert probability(log.answers).mean() == pytest.approx(likely, abs=EXACT)
    assert log.rouge.mean() == pytest.approx(rouge, abs=EXACT)
    assert forgotten(log_ratios(log.paraphrased, log.wrong)).mean() == pytest.approx(truth, abs=EXACT)


def test_the_published_full_model_is_told_from_gold() -> None:
    full, gold = logs("full")["forget"], logs("retain90")["forget"]
    found = forget_quality(log_ratios(full.paraphrased, full.wrong), log_ratios(gold.paraphrased, gold.wrong))
    assert found.p == pytest.approx(1.834066410994743e-21, rel=EXACT)
    assert found.distance == pytest.approx(0.396667, abs=EXACT)


def test_the_published_gold_is_not_told_from_itself() -> None:
    gold = logs("retain90")["forget"]
    ratios = log_ratios(gold.paraphrased, gold.wrong)
    assert forget_quality(ratios, ratios).p == 1
