"""VerbMem: how much of a text a model goes on with by itself (MUSE, arXiv 2407.06460, section 3.1).

The mean of ROUGE-L's F1, unstemmed, over beginnings and what really follows them (128 tokens in MUSE).
"""

from collections.abc import Sequence
from statistics import fmean

from unlearning.metrics.rouge import rouge_l, words


def verbatim_memory(said: Sequence[str], following: Sequence[str]) -> float:
    return fmean(rouge_l(words(one), words(other)).f1 for one, other in zip(said, following, strict=True))
