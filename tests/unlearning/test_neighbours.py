"""What stands beside a text to forget is the text to keep that is most like it."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.encoder import Rows
from unlearning.neighbours import nearest


class ByLetter:
    """Texts are alike that hold the same letters equally often."""

    name = fingerprint = "by letter"
    dimension = 26

    def encode(self, texts: Sequence[str]) -> Rows:
        rows = np.array(
            [[text.count(chr(97 + letter)) for letter in range(26)] for text in texts], np.float32
        )
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_the_most_like_one_is_found() -> None:
    assert nearest(["aab", "zz"], ["bbb", "aa", "azz"], ByLetter()) == [1, 2]


def test_what_is_to_be_forgotten_is_nobodys_neighbour() -> None:
    assert nearest(["aab", "zz"], ["zz", "aab", "az"], ByLetter()) == [2, 2]
    with pytest.raises(ValueError, match="found none"):
        nearest(["aab"], ["aab"], ByLetter())


def test_nothing_to_forget_has_no_neighbours() -> None:
    assert nearest([], ["a"], ByLetter()) == []
