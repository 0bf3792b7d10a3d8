"""What a reader of clean English waits for: at most 0.2 words on average, with 100,000 forgotten words.

Measured through a text guard that is fed token by token (a word with the space before it). After each token
it is counted how many words have come whole and have not been sent. The last word is not whole before the
next token shows that it has ended, and so it is not counted: it waits for one token, always.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, takewhile

import pytest

from filters.string_scanner import StringScanner
from filters.text_guard import TextGuard
from index.units import units
from policy.action import Action
from tests.figures import Figures
from tests.filters.english import package_descriptions, standard_library
from tests.filters.test_string_scanner import around
from tests.filters.test_text_guard import always
from tests.filters.world import World

FORGOTTEN_WORDS = 100_000
CLEAN_WORDS = 15_000


@dataclass(frozen=True, slots=True)
class Held:
    """`waits`: after each token, how many whole words had come and not been sent."""

    waits: list[int]
    changed: int

    @property
    def mean(self) -> float:
        return sum(self.waits) / len(self.waits)


def first_words(texts: list[str], wanted: int) -> list[str]:
    """As many whole texts as hold that many words."""
    counts = accumulate(len(units(text)) for text in texts)
    taken = sum(1 for _ in takewhile(lambda count: count < wanted, counts)) + 1
    return texts[:taken]


def read(world: World, texts: list[str]) -> Held:
    forgotten = world.forgotten()
    waits: list[int] = []
    changed = 0
    for text in texts:
        guard = TextGuard(
            [StringScanner(forgotten, around(supplied=True))], always(Action.REDACT), "[NOTICE]"
        )
        waits += _waits(guard, text)
        changed += guard.sent != text
    return Held(waits, changed)


def _waits(guard: TextGuard, text: str) -> list[int]:
    """What is sent is the text's own beginning, so its length says which words are out."""
    waits, sent, ends = [], 0, [0]
    for place, word in enumerate(text.split(" ")):
        sent += len(guard.feed(f" {word}" if place else word).text)
        waits.append(len(ends) - bisect_right(ends, sent))
        ends.append(ends[-1] + len(word) + (place > 0))
    guard.finish()
    return waits


@pytest.fixture(scope="module")
def clean() -> list[str]:
    return first_words(package_descriptions(), CLEAN_WORDS)


@pytest.fixture(scope="module")
def passages() -> tuple[tuple[int, str], ...]:
    return tuple((0, text) for text in first_words(standard_library(), FORGOTTEN_WORDS))


def test_clean_english_waits_for_a_fifth_of_a_word_at_most(
    clean: list[str], passages: tuple[tuple[int, str], ...]
) -> None:
    held = read(World(passages, reveal=2), clean)
    figures = Figures("hold-back")
    figures.add("forgotten words", sum(len(units(text)) for _, text in passages))
    figures.add("clean words", len(held.waits))
    figures.add("mean words held at reveal 2", round(held.mean, 4))
    figures.add("share of words after which none is held", round(held.waits.count(0) / len(held.waits), 4))
    figures.save()
    assert sum(len(units(text)) for _, text in passages) >= FORGOTTEN_WORDS
    assert len(held.waits) >= CLEAN_WORDS / 2
    assert held.changed == 0
    assert held.mean <= 0.2


def test_a_smaller_allowance_waits_longer(clean: list[str], passages: tuple[tuple[int, str], ...]) -> None:
    """The measure can fail: with nothing of a match shown, the same text waits for more than the bar."""
    assert read(World(passages, reveal=0), clean).mean > 0.2
