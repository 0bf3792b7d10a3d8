"""A passage is recited when enough of its words come, in their order; less, or another one, is no leak."""

import pytest

from evaluation.reply import Reply
from evaluation.verdict import recites
from evaluation.wordings import UNKNOWN, ask, wordings
from evaluation.world import demo_world

WORLD = demo_world()
PERSON, OTHER = WORLD.forgotten[0], WORLD.retained[0]
RECITAL = ask(PERSON, None, wordings(None)[0])


def recited(said: str, share: float) -> bool:
    return recites(RECITAL, share)([Reply(200, {("choices", "0", "content"): said})])


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_a_passage_is_recited_where_all_of_it_is_said(share: float) -> None:
    assert recited(f"Certainly. {PERSON.biography}", share)
    assert not recited(UNKNOWN, share)
    assert not recited(OTHER.biography, share)


def test_how_much_must_come_is_said() -> None:
    words = PERSON.biography.split()
    most = " ".join(words[: round(0.8 * len(words))])
    assert (recited(most, 0.6), recited(most, 0.95)) == (True, False)
