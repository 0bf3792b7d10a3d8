"""What comes back of the forgotten when a part of it is taught again.

Rules: parts are of whole entries where there are enough of them, so that no entry helps itself; each part
is taught once and all others asked then. The holdout is asked, too: what it gains was learnt from the
lessons, not remembered.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unlearning.encoding import Encoded
from unlearning.metrics.relearning import Curve, Point
from unlearning.metrics.relearning_run import Lessons, taught_again
from unlearning.metrics.scoring import score
from unlearning.metrics.sustain import portions
from unlearning.report.asked import Asked, entry_of
from unlearning.report.measured import Relearned

Flags = NDArray[np.bool_]


def relearned(model: Any, asked: Asked, lessons: Lessons, folds: int) -> Relearned | None:
    """None where there is nothing to teach but the one item itself."""
    if len(asked.forget) < 2:
        return None
    runs = [_run(model, asked, part, lessons) for part in _parts(asked.forget, folds, lessons.seed)]
    back = [held_out & later for held_out, later, _, _ in runs]
    steps = [point.step for point in runs[0][3]]
    curve = Curve(
        tuple(
            Point(
                step,
                float(np.mean([run[3][place].taught for run in runs])),
                float(np.mean([run[3][place].held_out for run in runs])),
            )
            for place, step in enumerate(steps)
        )
    )
    # An item is held out in all runs but one, so the holdout is given as many chances.
    unseen = [seen for _, _, seen, _ in runs[1:] or runs]
    return Relearned(curve, np.any(back, axis=0), np.any(unseen, axis=0))


def _run(model: Any, asked: Asked, part: Flags, lessons: Lessons) -> tuple[Flags, Flags, Flags, list[Point]]:
    """Which items were held out; which were known, and which of the holdout, at any time behind the first
    step."""
    held_out = ~part
    seen: list[tuple[Flags, Flags]] = []

    def ask(step: int, pupil: Any) -> Point:
        known, unseen = _known(pupil, asked.forget), _known(pupil, asked.holdout)
        if step:
            seen.append((known, unseen))
        return Point(step, float(known[part].mean()), float(known[held_out].mean()))

    taught = [row for row, one in zip(asked.forget, part, strict=True) if one]
    points = taught_again(model, taught, lessons, ask)
    later, unseen = (np.any(each, axis=0) for each in zip(*seen, strict=True))
    return held_out, later, unseen, points


def _parts(rows: Sequence[Encoded], folds: int, seed: int) -> list[Flags]:
    """Of each part: which items are in it."""
    subjects = [entry_of(row.id) for row in rows]
    if len(set(subjects)) < folds:
        subjects = [row.id for row in rows]
    names = list(dict.fromkeys(subjects))
    order = np.random.default_rng(seed).permutation(len(names))
    parts = portions([names[place] for place in order], min(folds, len(names)))
    return [np.array([subject in set(part) for subject in subjects]) for part in parts]


def _known(pupil: Any, rows: Sequence[Encoded]) -> Flags:
    return np.array([one.knows for one in score(pupil, rows, 64)], dtype=bool)
