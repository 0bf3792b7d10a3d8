"""Makes the table of loosely written names (index/loose_names.py) from the phrases of a policy.

A full name is known by its words in their order and with the last one first; a name of one word only where it
is long and no word of the language.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns import Held
from index.loose_names import INITIALS, NAMES, SHARED, LooseNames, letters
from index.misspelled import Misspelled, lay_misspelled, misspelled_columns, read_spellings, word_of_name
from index.pattern_table import PatternTable
from index.phrases import PlainPhrase, Sequences
from index.shelf import MemoryShelf, Shelf
from index.table_builder import TableBuilder
from index.table_laying import Piece, lay_table, shelved
from index.units import units
from index.whole_text import WholeText
from policy.finding import Detector

ONE_WORD_LETTERS = 7
ONE_WORD_BITS = 26.0


def build_loose(phrases: Sequence[PlainPhrase], retain: Iterable[str], key: bytes) -> LooseNames:
    """`retain`: texts that must keep working."""
    shelf = MemoryShelf()
    kept = [WholeText.of(text).words for text in retain]
    lay_loose([Piece(Held(loose_columns(phrases, kept, key)), 0)], shelf)
    known = Misspelled(read_spellings(shelf.__getitem__), key)
    names, initials, shared = (PatternTable(shelved(shelf, name), key) for name in (NAMES, INITIALS, SHARED))
    return LooseNames(known, names, initials, shared, letters(key))


def loose_columns(
    phrases: Sequence[PlainPhrase], kept: Sequence[Sequence[str]], key: bytes
) -> dict[str, NDArray[Any]]:
    """`kept`: the words of texts that must keep working."""
    builder, spelled = TableBuilder(key, 0), dict[str, str]()
    for owner, phrase in enumerate(phrases):
        for words in _orders(phrase):
            hashes = np.array([word_of_name(key, word) for word in words], np.uint64)
            builder.add(hashes, len(words), owner)
            spelled.update({word: word for word in words})
            # Also a misspelled name may have the s of a possessive.
            spelled.setdefault(f"{words[-1]}s", words[-1])
    kept = kept if spelled else []
    own, shared = _initials(phrases, kept, key)
    return {
        **misspelled_columns(spelled, chain.from_iterable(kept), key),
        **builder.columns(NAMES),
        **own.columns(INITIALS),
        **shared.columns(SHARED),
    }


def lay_loose(pieces: Sequence[Piece], shelf: Shelf, under: Sequence[Piece] = ()) -> None:
    """`under`: of the level below. Which spellings count depends on all names, so they are laid whole."""
    lay_misspelled([piece.columns for piece in (*under, *pieces)], shelf)
    for name in (NAMES, INITIALS, SHARED):
        lay_table(name, pieces, shelf, 0)


def no_names() -> LooseNames:
    return build_loose((), (), bytes(32))


def _initials(
    phrases: Sequence[PlainPhrase], kept: Iterable[Sequence[str]], key: bytes
) -> tuple[TableBuilder, TableBuilder]:
    """ "B. Mercer"; apart, where a text that must keep working names another Mercer of that initial."""
    innocent = {(one[0], other) for words in kept for one, other in pairwise(words)}
    own, shared = TableBuilder(key, 0), TableBuilder(key, 0)
    for owner, phrase in enumerate(phrases):
        for first, *_, last in _orders(phrase)[:1] if " " in phrase.text else ():
            pair = first[0], last
            if len(first) > 1:
                builder = shared if pair in innocent else own
                builder.add(np.array([word_of_name(key, word) for word in pair], np.uint64), 2, owner)
    return own, shared


def _orders(phrase: PlainPhrase) -> Sequences:
    words = tuple(unit.text for unit in units(phrase.text))
    if phrase.detector is not Detector.NAME or phrase.numeric or not words:
        return ()
    if len(words) == 1:
        alone = len(words[0]) >= ONE_WORD_LETTERS and phrase.bits >= ONE_WORD_BITS
        return (words,) if alone else ()
    return tuple(dict.fromkeys([words, (words[-1], *words[:-1])]))
