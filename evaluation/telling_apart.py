"""How well a trained classifier tells two kinds of answers apart.

Rule: it is asked only about answers that it was not trained on, and about nobody of whom it was: what is
said of one person may be like nothing else, whatever kind that is. Its advantage is how much oftener it takes
those of the second kind for the second than those of the first: 0 is chance, 1 is never wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evaluation.interval import Rate, excess_upper

FOLDS: Final = 5
TREES: Final = 100
# Of so few answers alike nothing is learned.
LEAF: Final = 5


@dataclass(frozen=True, slots=True)
class Advantage:
    """`right`: of the second kind those taken for it; `wrong`: of the first."""

    right: Rate
    wrong: Rate

    @property
    def value(self) -> float:
        return self.right.value - self.wrong.value

    @property
    def bound(self) -> float:
        """It is less than that, at 95 % confidence."""
        return excess_upper(self.right, self.wrong)

    def __str__(self) -> str:
        return f"{self.value:+.3f} (under {self.bound:.3f})"


def advantage(
    first: Sequence[Mapping[str, float]],
    second: Sequence[Mapping[str, float]],
    about: Sequence[str] | None = None,
) -> Advantage:
    """Of the features of each answer. `about`: whom each is about, those of the first kind before the others;
    none where there are too few to leave one out.
    """
    kinds = np.array([0] * len(first) + [1] * len(second))
    rows: Any = DictVectorizer(sparse=False).fit_transform([*first, *second])
    folds = StratifiedKFold if about is None else StratifiedGroupKFold
    said = cross_val_predict(
        _classifier(), rows, kinds, groups=about, cv=folds(FOLDS, shuffle=True, random_state=0)
    )
    taken = [int(said[kinds == kind].sum()) for kind in (0, 1)]
    return Advantage(Rate(taken[1], len(second)), Rate(taken[0], len(first)))


def _classifier() -> VotingClassifier:
    """Trees see any one number that differs; a line sees one that does not go with the others."""
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, random_state=0, n_jobs=1)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=1000))
    return VotingClassifier([("forest", forest), ("line", line)], voting="soft")
