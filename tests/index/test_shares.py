"""An entry that binds a share of the traffic: who is bound stays so, and as many are as was said."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from index.shares import Shared, Shares
from policy.entry import Called, Force

KEY = b"k" * 32
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ASKERS = [number.to_bytes(16) for number in range(4000)]


def shares(*share: float, key: bytes = KEY, force: Force | None = None) -> Shares:
    listed = [Shared(place, 1000 + place, force or Force(), each) for place, each in enumerate(share)]
    return Shares(key, listed)


def bound(found: Shares, asker: bytes) -> frozenset[int]:
    return found.binding(Called("demo", asker=asker), NOON)


@given(st.binary(min_size=1, max_size=32), st.floats(0, 1), st.floats(0, 1))
def test_whom_an_entry_binds_it_binds_at_every_larger_share(asker: bytes, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert bound(shares(less), asker) <= bound(shares(more), asker)
    assert bound(shares(less), asker) == bound(shares(less), asker)
    assert not bound(shares(0), asker)
    assert bound(shares(1), asker) == {0}


def test_as_many_are_bound_as_was_said() -> None:
    found = shares(0.25)
    counted = sum(bool(bound(found, asker)) for asker in ASKERS)
    # Five standard deviations of 4,000 draws.
    assert abs(counted - 1000) < 137


def test_each_entry_and_each_key_draws_anew() -> None:
    both, other = shares(0.5, 0.5), shares(0.5, 0.5, key=b"o" * 32)
    assert {frozenset(bound(both, asker)) for asker in ASKERS} == {
        frozenset(), frozenset({0}), frozenset({1}), frozenset({0, 1}),
    }  # fmt: skip
    assert any(bound(both, asker) != bound(other, asker) for asker in ASKERS)


def test_who_is_not_known_is_bound() -> None:
    assert shares(0.0001).binding("demo", NOON) == {0}
    assert shares(0.0001).binding(Called("demo"), NOON) == {0}


def test_what_binds_other_models_or_another_time_binds_no_share_of_them() -> None:
    assert shares(0.5, force=Force(("other",))).binding(Called("demo"), NOON) == set()
    assert shares(0.5, force=Force(start=NOON + timedelta(1))).binding(Called("demo"), NOON) == set()
