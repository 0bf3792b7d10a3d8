"""Makes the table of loosely written names (index/loose_names.py) from the phrases of a policy.

A full name is known by its words in their order and with the last one first; a name of one word only where it
is long and no word of the language.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

import numpy as np

from index.loose_names import LooseNames, letters
from index.misspelled import build_misspelled, word_of_name
from index.pattern_table import PatternTable
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
    kept = [WholeText.of(text).words for text in retain] if spelled else []
    known = build_misspelled(spelled, chain.from_iterable(kept), key)
    initials, shared = _initials(phrases, kept, key)
    return LooseNames(known, builder.build(), initials, shared, letters(key))


def no_names() -> LooseNames:
    return build_loose((), (), bytes(32))


def _initials(
    phrases: Sequence[PlainPhrase], kept: Iterable[Sequence[str]], key: bytes
) -> tuple[PatternTable, PatternTable]:
    """ "B. Mercer"; apart, where a text that must keep working names another Mercer of that initial."""
    innocent = {(one[0], other) for words in kept for one, other in pairwise(words)}
    own, shared = TableBuilder(key, 0), TableBuilder(key, 0)
    for owner, phrase in enumerate(phrases):
        for first, *_, last in _orders(phrase)[:1] if " " in phrase.text else ():
            pair = first[0], last
            if len(first) > 1:
                builder = shared if pair in innocent else own
                builder.add(np.array([word_of_name(key, word) for word in pair], np.uint64), 2, owner)
    return own.build(), shared.build()


def _orders(phrase: PlainPhrase) -> Sequences:
    words = tuple(unit.text for unit in units(phrase.text))
    if phrase.detector is not Detector.NAME or phrase.numeric or not words:
        return ()
    if len(words) == 1:
        alone = len(words[0]) >= ONE_WORD_LETTERS and phrase.bits >= ONE_WORD_BITS
        return (words,) if alone else ()
    return tuple(dict.fromkeys([words, (words[-1], *words[:-1])]))
