"""Patterns that fit no model are told, so that a slip of the pen does not quietly protect nothing."""

from policy.binding import MOST_TOLD, Bound, unbound
from policy.entry import Entry

MODELS = ("gpt-4o-mini", "demo")


def told(*patterns: tuple[str, ...], models: tuple[str, ...] = MODELS) -> list[str]:
    return list(unbound([Entry(f"e{place}", models=each) for place, each in enumerate(patterns)], models))


def test_patterns_that_fit_are_not_told() -> None:
    assert told(("*",), ("gpt-?o-*",), ("demo", "gpt-4o-mini")) == []


def test_a_misspelt_model_is_told_with_what_there_is_and_what_is_near() -> None:
    assert told(("gpt-4o-mnii",)) == [
        "models: 'gpt-4o-mnii' in e0 fits none of 'demo', 'gpt-4o-mini' (did you mean 'gpt-4o-mini'?); "
        "nothing is withheld of e0"
    ]


def test_an_entry_that_binds_another_model_is_not_called_unprotected() -> None:
    assert told(("demo", "later")) == ["models: 'later' in e0 fits none of 'demo', 'gpt-4o-mini'"]


def test_one_pattern_of_many_entries_is_told_once() -> None:
    (warning,) = told(*[("later",)] * 5, ("later", "demo"))
    assert "'later' in e0, e1, e2 and 3 more fits none of" in warning
    assert warning.endswith("nothing is withheld of e0, e1, e2 and 2 more")


def test_case_counts_as_it_does_when_a_model_is_asked() -> None:
    assert "did you mean 'demo'" in told(("Demo",))[0]


def test_any_number_of_patterns_and_models_is_told_in_few_lines() -> None:
    warnings = told(
        *((f"later-{number}",) for number in range(1000)), models=tuple(f"m{n}" for n in range(1000))
    )
    assert len(warnings) == MOST_TOLD + 1
    assert max(map(len, warnings)) < 500
    assert warnings[-1] == "models: 990 other patterns fit no model either"


def test_where_no_model_is_known_nothing_is_said() -> None:
    assert told(("later",), models=()) == []


def test_a_key_that_there_is_not_is_told_as_a_model_is() -> None:
    entries = [Entry("e0", keys=("team-a", "app")), Entry("e1", keys=("aap",))]
    assert list(unbound(entries, ("app", "team-b"), Bound.KEYS)) == [
        "keys: 'team-a' in e0 fits none of 'app', 'team-b' (did you mean 'team-b'?)",
        "keys: 'aap' in e1 fits none of 'app', 'team-b' (did you mean 'app'?); nothing is withheld of e1",
    ]
