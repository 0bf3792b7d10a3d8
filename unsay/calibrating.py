"""`unsay calibrate`: a threshold set anew, on more innocent texts, with a report that shows what it rests on.

Rules: the new generation is published only when the rate that was asked for can be promised. Of recent
traffic and of what people reported only the numbers in the audit log are read.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.interval import Rate, wilson
from gateway.audit.scores import Scores
from index.calibration import GREY_FACTOR, RATES, REPORTED, Calibration, Stratum
from index.judge import FaissJudge
from policy.entry import Entry, Retain

# So many carry a rate of 0.1 % with 95 % confidence.
WANTED = 3000
# Fewer say nothing about drift.
LEAST_JUDGED = 1000
BLOCK = 20


def innocent_texts(files: Sequence[Path]) -> Iterator[Retain]:
    """One text a line; of a `.jsonl` file the strings, or the `text` or `question` of each object."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            text = _text(line, file, number + 1) if file.suffix == ".jsonl" else line
            if text.strip():
                yield Retain(text, f"{file.name}#{number // BLOCK}")


def _text(line: str, file: Path, number: int) -> str:
    if not line.strip():
        return ""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    found = value if isinstance(value, str) else _member(value)
    if found is None:
        raise ValueError(f"{file}, line {number}: expected a string, or an object with `text` or `question`")
    return found


def _member(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in ("text", "question") if isinstance(value.get(name), str)), None)


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the policy's own questions the new threshold still finds."""

    found: int
    asked: int


def recall(entries: Sequence[Entry], judge: FaissJudge) -> Recall:
    questions = [(place, pair.question) for place, entry in enumerate(entries) for pair in entry.questions]
    heard = judge.judge([question for _, question in questions]) if questions else []
    found = (
        any(hit.entry == place and hit.score >= judge.threshold for hit in hits)
        for (place, _), hits in zip(questions, heard, strict=True)
    )
    return Recall(sum(found), len(questions))


def summary(calibration: Calibration, found: Recall, scores: Scores | None) -> str:
    """What was chosen and on what ground, as Markdown."""
    lines = [
        "# Calibration",
        "",
        f"False alarms asked for: {calibration.asked:.3%} of prompts. Threshold: "
        f"{calibration.threshold:.4f}; answers are judged from {calibration.grey:.4f} on.",
        "",
        "| kind | innocent texts | sources | threshold | rate they carry |",
        "|---|---|---|---|---|",
        *map(_row, calibration.strata),
        "",
        f"The policy's own questions found: {found.found} of {found.asked}.",
    ]
    if scores is not None:
        lines += ["", f"Reported: {len(scores.reported)} false alarms with a score, {scores.missed} missed."]
    return "\n".join([*lines, "", "![curves](calibration.png)", ""])


def _row(one: Stratum) -> str:
    carried = "-" if one.kind == REPORTED else f"{one.promised:.3%}"
    return f"| {one.kind} | {one.negatives} | {one.sources} | {one.threshold:.4f} | {carried} |"


def draw(calibration: Calibration, file: Path) -> None:
    """Which share of the innocent texts of each kind reaches which score, and where the threshold lies."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for stratum in calibration.strata:
        if stratum.curve:
            axes.plot(stratum.curve, RATES[: len(stratum.curve)], marker=".", label=_label(stratum))
    axes.axvline(calibration.threshold, color="black", label=f"threshold {calibration.threshold:.3f}")
    axes.axvline(calibration.grey, color="grey", linestyle=":", label=f"grey {calibration.grey:.3f}")
    axes.axhline(calibration.asked, color="black", linestyle="--", linewidth=0.8)
    axes.set(yscale="log", xlabel="score", ylabel="share of innocent texts at or above it")
    axes.legend()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)


def _label(stratum: Stratum) -> str:
    return f"{stratum.kind} ({stratum.negatives})"


@dataclass(frozen=True, slots=True)
class Drift:
    """`expected`: the share of innocent prompts that may come near. `least`: of recent ones, with 95 %."""

    scores: Scores
    expected: float
    least: float

    @property
    def enough(self) -> bool:
        return self.scores.judged >= LEAST_JUDGED

    @property
    def drifted(self) -> bool:
        return self.enough and self.least > self.expected

    def __str__(self) -> str:
        told = f"{self.scores.judged} prompts judged, {self.scores.near} near, {self.scores.found} found; "
        told += f"reported: {len(self.scores.reported)} false alarms, {self.scores.missed} missed. "
        if not self.enough:
            return told + f"Expected at least {LEAST_JUDGED} judged prompts to tell a drift."
        share = f"at least {self.least:.2%} come near, at most {self.expected:.2%} are expected"
        return told + (f"Drift: {share}. Calibrate again." if self.drifted else f"No drift: {share}.")


def drift(calibration: Calibration, scores: Scores) -> Drift:
    """Whether more of the recent prompts come near than the calibration lets expect."""
    expected = min(1.0, GREY_FACTOR * calibration.asked)
    least = wilson(Rate(scores.near, scores.judged))[0] if scores.judged else 0.0
    return Drift(scores, expected, least)
