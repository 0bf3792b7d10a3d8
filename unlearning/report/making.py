"""A report from what models were found to know.

Rule: every figure is made the same way for every model; which way is good never decides what is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unlearning.metrics.forget_quality import forget_quality
from unlearning.metrics.in_context import Context
from unlearning.metrics.null_band import Band
from unlearning.metrics.privacy_leak import leak_band, privacy_leak
from unlearning.metrics.relearning import Curve
from unlearning.metrics.truth_ratio import forgotten
from unlearning.report.bands import LEVEL, by_chance
from unlearning.report.figure import Basis, Figure, Group
from unlearning.report.item import Item, Way
from unlearning.report.measured import Flags, Measured, Relearned
from unlearning.report.models import Models
from unlearning.report.report import Report

MOST_LOST = 0.05


def report_of(
    models: Models,
    model: str,
    method: str,
    most_lost: float = MOST_LOST,
    more: Sequence[Figure] = (),
    unasked: Sequence[str] = (),
) -> Report:
    """`most_lost`: by which share retained knowledge may fall. `more`: figures measured otherwise.
    `unasked`: ids of items that were to be forgotten as well, of which nobody knows whether they were."""
    figures = (
        *_memory(models),
        *_utility(models, most_lost),
        *_membership(models),
        *_truth(models),
        *_rounded(models),
        *_taught(models),
        *_in_context(models),
        *more,
    )
    items, guessed = tuple(_items(models)), _guessed(models.after)
    return Report(model, method, items, figures, _curves(models), tuple(unasked), guessed)


def _memory(models: Models) -> Iterator[Figure]:
    unseen = models.before.holdout
    yield models.judged(Group.MEMORY, "answers known", lambda one: one.forget.keys, unseen.keys)
    yield models.judged(Group.MEMORY, "tokens foretold", lambda one: one.forget.foretold, unseen.foretold)
    yield models.judged(Group.MEMORY, "extraction strength", lambda one: one.forget.strength, unseen.strength)
    yield models.judged(Group.MEMORY, "probability", lambda one: one.forget.likely, unseen.likely)


def _utility(models: Models, most_lost: float) -> Iterator[Figure]:
    if not len(models.after.retain.keys):
        return
    before, after = (float(one.retain.keys.mean()) for one in (models.before, models.after))
    gold = None if models.gold is None else float(models.gold.retain.keys.mean())
    floor = Band(before * (1 - most_lost), 1.0)
    yield Figure(Group.UTILITY, "answers known", before, after, gold, floor, Basis.BUDGET)


def _membership(models: Models) -> Iterator[Figure]:
    before, after = models.before.guesses, models.after.guesses
    gold, second = (None if one is None else one.guesses for one in (models.gold, models.second))
    if before is None or after is None:
        return
    # Gold may tell its holdout from what was forgotten, too, so chance is a bar only where there is no gold.
    chance = None if gold else by_chance(len(after.forget), len(after.unseen))
    basis = Basis.CHANCE if chance else None
    name, at_gold = "AUC of Min-K, forgotten beside holdout", None if gold is None else 1 - gold.unseen_auc
    yield Figure(Group.MEMBERSHIP, name, 1 - before.unseen_auc, 1 - after.unseen_auc, at_gold, chance, basis)
    if gold is not None:
        chances = np.random.default_rng(0)
        band = None if second is None else leak_band(gold, second, chances, level=LEVEL)
        leaks = privacy_leak(before, gold), privacy_leak(after, gold)
        yield Figure(Group.MEMBERSHIP, "PrivLeak", *leaks, 0.0, band, Basis.GOLD if band else None)


def _truth(models: Models) -> Iterator[Figure]:
    if models.after.ratios is not None:
        # High where nothing is left, so no band of those that are low then judges it.
        name, gold = "truth ratio (1: false answers as likely as the true one)", models.gold
        before, after = (_truth_ratio(one) for one in (models.before, models.after))
        yield Figure(Group.MEMBERSHIP, name, before, after, None if gold is None else _truth_ratio(gold))
    if models.gold is not None and models.gold.ratios is not None:
        before, after = (_quality(one, models.gold.ratios) for one in (models.before, models.after))
        second = None if models.second is None else _quality(models.second, models.gold.ratios)
        yield Figure(Group.MEMBERSHIP, "forget quality (p; of gold: the second's)", before, after, second)


def _quality(model: Measured, gold: NDArray[np.float64]) -> float:
    return forget_quality(_ratios(model), gold).p


def _truth_ratio(model: Measured) -> float:
    return float(forgotten(_ratios(model)).mean())


def _ratios(model: Measured) -> NDArray[np.float64]:
    if model.ratios is None:
        raise ValueError("expected every model to be asked about wrong answers, or none")
    return model.ratios


def _rounded(models: Models) -> Iterator[Figure]:
    for bits in models.after.bits:
        name = f"answers known with {bits} bits"
        yield models.judged(Group.ROUNDED, name, partial(_at_bits, bits), models.before.holdout.keys)


def _at_bits(bits: int, one: Measured) -> Flags:
    return one.bits[bits]


def _taught(models: Models) -> Iterator[Figure]:
    if models.after.relearned is not None:
        unseen = models.after.relearned.unseen
        yield models.judged(Group.TAUGHT, "answers back", lambda one: _relearned(one).back, unseen)


def _relearned(one: Measured) -> Relearned:
    if one.relearned is None:
        raise ValueError("expected every model to be taught again, or none")
    return one.relearned


def _in_context(models: Models) -> Iterator[Figure]:
    for context in models.after.contexts:
        unseen = None if context.tells else models.before.holdout.keys
        name = f"answers known after {context}"
        yield models.judged(Group.CONTEXT, name, partial(_after_context, context), unseen)


def _after_context(context: Context, one: Measured) -> Flags:
    return one.contexts[context]


def _curves(models: Models) -> Mapping[str, Curve]:
    named = {"before": models.before, "unlearned": models.after, "gold": models.gold}
    return {
        name: one.relearned.curve
        for name, one in named.items()
        if one is not None and one.relearned is not None
    }


def _items(models: Models) -> Iterator[Item]:
    before, after = models.before.forget, models.after.forget
    for place, name in enumerate(models.after.ids):
        yield Item(
            name,
            bool(before.keys[place]),
            tuple(_ways(models.after, place)),
            (float(before.strength[place]), float(after.strength[place])),
            (float(before.likely[place]), float(after.likely[place])),
        )


def _guessed(after: Measured) -> float | None:
    """Which share of the holdout is known, or comes back by the same lessons, without ever having been
    learnt."""
    if not len(after.holdout.keys):
        return None
    back = after.relearned.unseen if after.relearned is not None else False
    return float((after.holdout.keys | back).mean())


def _ways(after: Measured, place: int) -> Iterator[Way]:
    if after.forget.keys[place]:
        yield Way.ASKED
    if any(known[place] for context, known in after.contexts.items() if not context.tells):
        yield Way.CONTEXT
    if any(known[place] for known in after.bits.values()):
        yield Way.ROUNDED
    if after.relearned is not None and after.relearned.back[place]:
        yield Way.TAUGHT
