"""Whose facts come back less is said with how sure it is, and of methods alone that forget and keep."""

from dataclasses import replace

from tests.unlearning.testbed.rows import GOLD, row
from unlearning.testbed.duel import duels
from unlearning.testbed.row import Row


def named(method: str, one: Row, seed: int = 0) -> Row:
    return replace(one, method=method, seed=seed, steps=10)


def test_the_one_of_which_least_comes_back_is_set_beside_each() -> None:
    rows = [named("least", row(back=1)), named("more", row(back=11)), named("like", row(back=1))]
    found = {one.other: one for one in duels(rows, {0: GOLD})}
    assert found["more"].method == "least"
    assert found["more"].less == 0.5
    assert found["more"].won
    assert not found["like"].won


def test_a_few_facts_show_nothing() -> None:
    found = duels([named("least", row(back=1)), named("more", row(back=2))], {0: GOLD})
    assert found[0].less == 0.05
    assert not found[0].won


def test_who_leaks_or_loses_on_one_seed_is_no_match() -> None:
    rows = [named("fit", row(), seed) for seed in (0, 1)]
    rows += [named("leaks", row(forget=0.5, back=0)), named("leaks", row(back=0), 1)]
    rows += [named("dear", row(retain=0.5, back=0)), named("dear", row(back=0), 1)]
    assert duels(rows, {0: GOLD, 1: GOLD}) == []
