"""Whether words betray a text in another alphabet, or might as well be chance."""

import random
from collections.abc import Iterator
from string import ascii_lowercase

import pytest

from index.anchors import ATBASH, REVERSED, Anchors, Turn, build_anchors

ROT13, CAESAR = Turn(False, 1, 13), Turn(False, 1, 5)
MIXED = Turn(True, -1, 19), Turn(True, 1, 7), Turn(False, -1, 3)
# With a thousand others a word of five letters says twelve bits, one of four says eight.
SHORT, SHORTER, LONG = "kelda", ("brom", "tesk"), "keldarim"


def _others() -> Iterator[str]:
    chance = random.Random(1)
    for _ in range(1000):
        yield "".join(chance.choices(ascii_lowercase, k=9))


@pytest.fixture(scope="module")
def anchors() -> Anchors:
    return build_anchors([SHORT, *SHORTER, LONG, *_others()], bytes(32))


def written(word: str, turn: Turn) -> str:
    """What reads as the word under the turn."""
    raw = word.translate(str.maketrans(turn.alphabet(), ascii_lowercase))
    return raw[::-1] if turn.backwards else raw


@pytest.mark.parametrize("turn", [ROT13, CAESAR, ATBASH, REVERSED])
def test_a_short_word_tells_where_one_thing_was_done_to_it(anchors: Anchors, turn: Turn) -> None:
    assert turn in anchors.turns[written(SHORT, turn)]
    assert anchors.telling([written(SHORT, turn)])


@pytest.mark.parametrize("turn", MIXED)
def test_a_short_word_is_chance_where_two_things_would_have_been_done_to_it(
    anchors: Anchors, turn: Turn
) -> None:
    assert turn in anchors.turns[written(SHORT, turn)]
    assert not anchors.telling([written(SHORT, turn)])
    assert anchors.telling([written(LONG, turn)])


@pytest.mark.parametrize("turn", [ROT13, CAESAR, ATBASH, *MIXED])
def test_what_words_say_under_one_turn_adds_up(anchors: Anchors, turn: Turn) -> None:
    short = [written(word, turn) for word in SHORTER]
    assert not any(anchors.telling([word]) for word in short)
    assert anchors.telling(short) == (turn not in MIXED)
    assert anchors.telling([*short, written(SHORT, turn)])


def test_words_under_different_turns_do_not_add_up(anchors: Anchors) -> None:
    one, other = (written(word, turn) for word, turn in zip(SHORTER, (ROT13, CAESAR), strict=True))
    assert not anchors.telling([one, other])
