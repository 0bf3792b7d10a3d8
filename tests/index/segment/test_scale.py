"""A million passages: built within half an hour of one core, shared by all workers, quick to look up in."""

from pathlib import Path

import pytest

from benchmarks import index_scale

# Texts and snapshots stay there: a run that was cut off goes on. About 40 GB.
WORK = Path(__file__).parents[3] / ".unsay" / "index-scale"
SMALL, LARGE = 10_000, 1_000_000


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
def test_a_million_passages_keep_their_bars() -> None:
    row = index_scale.report(WORK, [SMALL, LARGE])[LARGE]
    assert row["build, s of one core"] <= 1800
    assert row["worker, MiB after use"] <= 50
    assert row["prompts, times that of the smallest"] <= 2
    assert row["answers, times that of the smallest"] <= 2
