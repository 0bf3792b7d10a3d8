"""When and for which models an entry binds."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.entry import Called, Force

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "binds"),
    [
        (None, None, True),
        (NOON, None, True),
        (NOON + HOUR, None, False),
        (NOON - HOUR, NOON + HOUR, True),
        (None, NOON, False),
        (None, NOON + HOUR, True),
    ],
)
def test_an_entry_binds_from_its_start_until_before_its_end(
    start: datetime | None, end: datetime | None, binds: bool
) -> None:
    assert Force(start=start, end=end).binds("any", NOON) is binds


@pytest.mark.parametrize(
    ("patterns", "model", "binds"),
    [
        (("*",), "org/chat-8b", True),
        (("chat-*",), "chat-8b", True),
        (("chat-*",), "org/chat-8b", False),
        (("a", "b"), "b", True),
        (("a",), "A", False),
    ],
)
def test_an_entry_binds_the_models_that_a_pattern_matches(
    patterns: tuple[str, ...], model: str, binds: bool
) -> None:
    assert Force(patterns).binds(model, NOON) is binds


@pytest.mark.parametrize("pattern", ["*", "chat-*", "[ab]", "a"])
def test_an_entry_binds_a_model_of_which_nobody_knows_which_it_is(pattern: str) -> None:
    assert Force((pattern,)).binds(None, NOON)
    assert not Force((pattern,), start=NOON + HOUR).binds(None, NOON)


@pytest.mark.parametrize(
    ("patterns", "key", "binds"),
    [
        (("*",), "team-a", True),
        (("team-*",), "team-a", True),
        (("team-*",), "app", False),
        (("app", "team-b"), "team-a", False),
        (("team-*",), "Team-a", False),
        (("team-*",), None, True),
    ],
)
def test_an_entry_binds_the_keys_that_fit_and_whoever_has_none(
    patterns: tuple[str, ...], key: str | None, binds: bool
) -> None:
    assert Force(keys=patterns).binds(Called(("demo",), key), NOON) is binds
    assert Force(keys=patterns).binds(Called(None, key), NOON) is binds


def test_an_entry_binds_a_key_only_for_its_models_and_in_its_time() -> None:
    called = Called(("demo",), "app")
    assert not Force(("other",), keys=("app",)).binds(called, NOON)
    assert not Force(keys=("app",), start=NOON + HOUR).binds(called, NOON)


def test_who_does_not_say_whose_key_it_is_is_bound_by_all() -> None:
    assert Force(keys=("app",)).binds("demo", NOON)
