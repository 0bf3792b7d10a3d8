"""The measurement of how soon a forget request is enforced, in five rounds."""

import pytest

from benchmarks.enforcing import measured


@pytest.mark.long
def test_both_gateways_enforce_every_request() -> None:
    rounds = list(measured(5, before=0, passages=100, semantic=False))
    assert len(rounds) == 5
    # When a client saw it is not when the gateway said it; both come after it was committed.
    assert all(0 < one.committed < min(one.in_force, one.withheld) for one in rounds)
