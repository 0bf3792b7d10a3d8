"""Names in a prompt that are not written as they should be: where they stand among its units.

Rule: they are looked for in the order of the conversation, and cost next to nothing where no word of a
forgotten name stands.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from filters.joined import Joined, Places
from index.loose_names import REACH, WORDS_OF_A_LETTER, Loose, LooseFollower, LooseNames


def loose_names(names: LooseNames, joined: Joined, words: Sequence[str]) -> Iterator[tuple[Places, Loose]]:
    """Every such name, with the places of its units. `words`: the texts of the units."""
    places = names.places(words)
    if not places:
        return
    follower, before = LooseFollower(names), -1
    for place in places:
        if place == before:
            continue
        far = place - before - 1 > REACH
        if far:
            follower.clear()
        for other in range(max(before + 1, place - REACH), place):
            # Whether a word is capitalised is read from the text, and only asked within what may be a name.
            asked = not far or words[other] in WORDS_OF_A_LETTER
            follower.push(words[other], asked and bool(joined.are_capital(np.array([other]))))
        if place and names.words.is_sure(words[place]) and joined.are_capital(np.array([place - 1])):
            follower.follows(words[place - 1])
        capital = not follower.said or bool(joined.are_capital(np.array([place])))
        for loose in follower.push(words[place], capital):
            yield np.arange(place - loose.units + 1, place + 1), loose
        before = place
        if place + 1 < len(words) and names.words.is_sure(words[place]):
            after = place + 1
            for loose in follower.push(words[after], capital=joined.are_capital(np.array([after]))):
                yield np.arange(after - loose.units + 1, after + 1), loose
            before = after
