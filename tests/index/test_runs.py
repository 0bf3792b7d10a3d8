"""Capitalised runs and quoted titles, as written English marks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.runs import capital_runs, quoted_titles


def runs(text: str) -> list[str]:
    return [run.unopened().text for run in capital_runs(text) if run.unopened().words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Does Alden Crane write?", ["Alden Crane"]),
        ("Where was Alden Crane's father born?", ["Alden Crane"]),
        ("What did Ludovica de la Vantresca sing?", ["Ludovica de la Vantresca"]),
        ("She met Omar bin Thelwari and Jean-Marc Oudry.", ["Omar bin Thelwari", "Jean-Marc Oudry"]),
        ("The poet J. K. Brandel spoke.", ["J K Brandel"]),
        ("Zoë Ångström was there.", ["Zoë Ångström"]),
        ("Is “Alden Crane” a title?", []),
        ("nobody is named here", []),
    ],
)
def test_runs(text: str, expected: list[str]) -> None:
    assert runs(text) == expected


def test_a_run_after_a_preposition_of_place_is_marked() -> None:
    (person, place) = (
        run for run in capital_runs("Was Alden Crane born in Port Avelin?") if run.capitals > 1
    )
    assert (person.placed, place.placed) == (False, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He wrote "The Salt Road", then "A Quiet Door."', ["The Salt Road", "A Quiet Door"]),
        (
            "Which motifs does 'The Salt Road' share with Crane's 'A Quiet Door'?",
            ["The Salt Road", "A Quiet Door"],
        ),
        ("“Thieves’ Market” and «La Porte»", ["Thieves’ Market", "La Porte"]),
        ('He said "go home".', []),
        ("the Cranes' house and the Doyles' garden", []),
    ],
)
def test_titles(text: str, expected: list[str]) -> None:
    assert quoted_titles(text) == expected


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(run.words for run in capital_runs(text))
    assert all(quoted_titles(text))
