"""Makes the table of loosely written names (index/loose_names.py) from the phrases of a policy.

A full name is known by its words in their order and with the last one first; a name of one word only where it
is long and no word of the language.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from index.loose_names import LooseNames
from index.misspelled import build_misspelled, word_of_name
from index.phrases import PlainPhrase, Sequences
from index.table_builder import TableBuilder
from index.units import units
from index.whole_text import WholeText
from policy.finding import Detector

ONE_WORD_LETTERS = 7
ONE_WORD_BITS = 26.0


def build_loose(phrases: Sequence[PlainPhrase], retain: Iterable[str], key: bytes) -> LooseNames:
    builder, spelled = TableBuilder(key, 0), dict[str, str]()
    for owner, phrase in enumerate(phrases):
        for words in _orders(phrase):
            hashes = np.array([word_of_name(key, word) for word in words], np.uint64)
            builder.add(hashes, len(words), owner)
            spelled.update({word: word for word in words})
            # Also a misspelled name may have the s of a possessive.
            spelled.setdefault(f"{words[-1]}s", words[-1])
    innocent = {word for text in retain for word in WholeText.of(text).words} if spelled else set[str]()
    return LooseNames(build_misspelled(spelled, innocent, key), builder.build())


def no_names() -> LooseNames:
    return build_loose((), (), bytes(32))


def _orders(phrase: PlainPhrase) -> Sequences:
    words = tuple(unit.text for unit in units(phrase.text))
    if phrase.detector is not Detector.NAME or phrase.numeric or not words:
        return ()
    if len(words) == 1:
        alone = len(words[0]) >= ONE_WORD_LETTERS and phrase.bits >= ONE_WORD_BITS
        return (words,) if alone else ()
    return tuple(dict.fromkeys([words, (words[-1], *words[:-1])]))
