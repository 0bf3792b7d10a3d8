"""KnowMem: how well a model answers (MUSE, arXiv 2407.06460, 3.1). On retained questions: its utility.

The mean of ROUGE-L's F1, unstemmed, of what is said before the model begins a question of its own (at most
32 tokens in MUSE, after a few examples).
"""

import re
from collections.abc import Sequence
from statistics import fmean
from typing import Final

from unlearning.metrics.rouge import rouge_l, words

ENDS: Final = re.compile(r"\n\n|Question")


def answered(said: str) -> str:
    """The answer alone, without what the model asks itself next."""
    return ENDS.split(said, maxsplit=1)[0]


def knowledge_memory(said: Sequence[str], answers: Sequence[str]) -> float:
    return fmean(
        rouge_l(words(answered(one)), words(other)).f1 for one, other in zip(said, answers, strict=True)
    )
