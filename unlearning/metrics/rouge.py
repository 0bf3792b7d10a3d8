"""ROUGE-L: how much of one text another says in the same order (Lin, 2004).

Rule: the words are those of the package rouge-score, by which the published figures were made: letters a to
z and digits, folded; with `stem`, those of more than three characters by Porter's stemmer. So other scripts
have no words here; compare them by words of your own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nltk.stem.porter import PorterStemmer


@dataclass(frozen=True, slots=True)
class Overlap:
    """`recall` is the share of the wanted words that were said, `precision` that of the said words
    wanted."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


def words(text: str, *, stem: bool = False) -> list[str]:
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [_stemmer().stem(word) if len(word) > 3 else word for word in found] if stem else found


def rouge_l(said: Sequence[str], wanted: Sequence[str]) -> Overlap:
    """Of words. Nothing in common with an empty text."""
    if not said or not wanted:
        return Overlap(0.0, 0.0)
    common = _common(said, wanted)
    return Overlap(common / len(wanted), common / len(said))


def _common(said: Sequence[str], wanted: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(wanted) + 1)
    for word in said:
        diagonal = 0
        for place, other in enumerate(wanted, 1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


@cache
def _stemmer() -> PorterStemmer:
    return PorterStemmer()
