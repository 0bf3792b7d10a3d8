"""Answers that repeat themselves weaken the divergence a little, and no answer frees what is forgotten."""

import pytest

from evaluation.world import demo_world
from steering.divergence.guard import EVERY, LEAST, WINDOW, Guard
from tests.steering.divergence.reading import reader, vocabulary


def strengths(pieces: list[bytes]) -> list[float]:
    guard, found = Guard(), []
    for piece in pieces:
        guard.push(piece)
        found.append(guard.strength)
    return found


def pieces(text: str) -> list[bytes]:
    return [vocabulary().pieces[token] for token in reader().tokens(text)]


@pytest.mark.parametrize("person", demo_world().retained[:20], ids=lambda person: person.id)
def test_prose_leaves_it_at_full_strength(person: object) -> None:
    assert set(strengths(pieces(getattr(person, "biography")))) == {1.0}  # noqa: B009


@pytest.mark.parametrize("text", [" W", " is the", " she was born in the town of her father,"])
def test_words_said_over_and_over_weaken_it_down_to_a_bound(text: str) -> None:
    assert min(strengths(pieces(text * WINDOW))) == LEAST
    assert LEAST >= 0.7, "what docs/results/steering-divergence.md was measured with"


def test_it_is_back_when_the_words_are_varied_again() -> None:
    person = demo_world().retained[0]
    assert strengths([b" W"] * WINDOW)[-1] == LEAST
    assert strengths([b" W"] * WINDOW + pieces(person.biography))[-1] == 1.0


def test_it_is_not_looked_at_before_a_window_is_full() -> None:
    assert set(strengths([b" W"] * (WINDOW - 1))) == {1.0}


def test_a_copy_goes_its_own_way() -> None:
    guard = Guard()
    for _ in range(WINDOW - 1):
        guard.push(b" W")
    copied = guard.copy()
    for _ in range(EVERY):
        copied.push(b" W")

    assert (guard.strength, copied.strength) == (1.0, LEAST)
