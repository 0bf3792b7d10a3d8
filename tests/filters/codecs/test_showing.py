"""What is looked up for all turns at once is what each turn alone would show."""

from random import Random

import pytest

from filters.codecs.radix import Radix
from filters.codecs.radixes import RADIXES
from filters.codecs.shifted import LETTERS, shifted
from filters.codecs.ways import WAYS

_FEW = "234567ABNOZ"
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.mark.parametrize(
    "radix", [radix for radix in RADIXES if radix.bits > 1], ids=lambda radix: radix.view
)
def test_the_turns_are_those_under_which_text_shows(radix: Radix) -> None:
    chance, shown = Random(3), 0
    for _ in range(300):
        symbols = "".join(chance.choices(chance.choice((_SIGNS, _FEW)), k=chance.randint(1, 90)))
        turns = radix.showing.turns(symbols)
        shown += turns > 0
        assert turns.ways() == [place for place, way in enumerate(WAYS) if radix.shows.search(way(symbols))]
        assert turns.shifts() == [
            shift for shift in range(1, LETTERS) if radix.shows.search(shifted(symbols, shift))
        ]
    assert shown
