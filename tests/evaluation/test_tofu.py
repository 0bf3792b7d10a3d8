"""The measured promise on TOFU: at least 98 % of paraphrases found, at most 1 % of other questions.

At the policy's default rate (one in a thousand), through the detectors that a prompt meets. The numbers of
the score were chosen on other authors than those that are forgotten here. UNSAY_TOFU names a folder of other
data of the same form.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from evaluation.harmless import harmless_prompts
from evaluation.tofu import AUTHOR, Figures, Finder, RememberingEncoder, Tofu, measure, tofu_folder
from filters.prompt import PromptScanner
from filters.segment import Segment
from filters.semantic import Levels
from index.build import build
from index.encoder import MiniLM
from index.judge import FaissJudge, load_judge
from index.snapshot import Snapshot
from policy.action import Action
from policy.policy import Policy
from policy.surface import Role

KEY = b"a key for tests only, 32 bytes!!"
DEFAULT_RATE = 0.001
WHOLE = 10 * AUTHOR


@pytest.fixture(scope="module")
def tofu() -> Tofu:
    return Tofu.load(tofu_folder(Path(__file__).parents[1] / "data" / "tofu"))


@pytest.fixture(scope="module")
def encoder() -> RememberingEncoder:
    return RememberingEncoder(MiniLM())


def compiled(policy: Policy, encoder: RememberingEncoder, folder: Path) -> tuple[Snapshot, FaissJudge]:
    build(policy, folder, KEY, encoder)
    snapshot = Snapshot.load(folder, KEY)
    return snapshot, load_judge(snapshot, encoder, KEY)


def finder(policy: Policy, snapshot: Snapshot, judge: FaissJudge | None) -> Finder:
    """Refused as a user's prompt, or not."""
    scanner = PromptScanner(snapshot, policy, "model", datetime.now(UTC), Levels.of(judge))

    def find(texts: Sequence[str]) -> list[bool]:
        reports = [scanner.scan([Segment(Role.USER, text, 0, ("messages", 0, "content"))]) for text in texts]
        if judge is not None:
            hits = iter(judge.judge([ask for report in reports for ask in report.asks]))
            reports = [scanner.settle(report, list(islice(hits, len(report.asks)))) for report in reports]
        return [report.action is Action.REFUSE for report in reports]

    return find


def worst(figures: Figures) -> float:
    return max(rate.value for rate in figures.false_alarms.values())


@pytest.mark.parametrize("questions", [AUTHOR, WHOLE, 1], ids=["by author", "all in one", "by question"])
@pytest.mark.parametrize("retain", [True, False], ids=["with retain", "without retain"])
def test_paraphrases_are_found_and_others_are_left_alone(
    tofu: Tofu, encoder: RememberingEncoder, tmp_path: Path, questions: int, retain: bool
) -> None:
    policy = tofu.policy(questions, DEFAULT_RATE, retain=retain)
    snapshot, judge = compiled(policy, encoder, tmp_path)
    figures = measure(tofu, finder(policy, snapshot, judge))
    print(f"\n{questions} questions an entry, retain {retain}: {figures}")
    assert figures.recall.value >= 0.98
    assert worst(figures) <= 0.01


def test_without_the_judge_too_few_are_found(tofu: Tofu, encoder: RememberingEncoder, tmp_path: Path) -> None:
    policy = tofu.policy(AUTHOR, DEFAULT_RATE, retain=True)
    snapshot, _ = compiled(policy, encoder, tmp_path)
    figures = measure(tofu, finder(policy, snapshot, None))
    print(f"\nnames alone: {figures}")
    assert figures.recall.value < 0.98


def test_without_margins_too_few_are_found_or_too_many_refused(
    tofu: Tofu, encoder: RememberingEncoder
) -> None:
    """Plain cosine at the best threshold for one in a thousand: what the margins and the dates are for."""
    forgotten, asked, unseen = (
        encoder.encode(texts)
        for texts in ([pair.question for pair in tofu.forgotten], tofu.asked, tofu.unseen)
    )
    innocent = np.sort((unseen @ forgotten.T).max(axis=1))
    threshold = innocent[int(len(innocent) * (1 - DEFAULT_RATE)) - 1]
    assert ((asked @ forgotten.T).max(axis=1) > threshold).mean() < 0.9


def test_harmless_prompts_are_left_alone(tofu: Tofu, encoder: RememberingEncoder, tmp_path: Path) -> None:
    prompts = harmless_prompts(tofu, Path(__file__).parents[1] / "data" / "xstest" / "safe.txt")
    policy = tofu.policy(AUTHOR, DEFAULT_RATE, retain=True)
    snapshot, judge = compiled(policy, encoder, tmp_path)
    altered = {kind: sum(finder(policy, snapshot, judge)(texts)) for kind, texts in prompts.items()}
    assert sum(map(len, prompts.values())) >= 600
    assert altered == dict.fromkeys(prompts, 0)
