"""What must keep working may be near what is forgotten, and may not say it."""

import pytest

from unlearning.overlap import said_within
from unlearning.samples import Sample

LONG = Sample("long", "the quick brown fox jumps over the lazy dog near the river bank")
SHORT = Sample("short", "in 1998", "When was Greta Vale born ?")


@pytest.mark.parametrize(
    "kept",
    [
        Sample("kept", "They say: THE QUICK brown fox jumps over the lazy cat."),
        Sample("kept", "1998", "When was Greta Vale born ? In"),
    ],
)
def test_a_text_that_says_it_is_found(kept: Sample) -> None:
    found = said_within([LONG, SHORT], [Sample("other", "nothing of it"), kept])
    assert found is not None
    assert found[0] == "kept"


@pytest.mark.parametrize(
    "kept",
    [
        Sample("kept", "the quick brown fox jumps over fences"),
        Sample("kept", "in 1998", "When was Ivo Pell born ?"),
    ],
)
def test_a_near_text_may_stay(kept: Sample) -> None:
    assert said_within([LONG, SHORT], [kept]) is None
