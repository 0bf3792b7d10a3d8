"""Words of names, known again when they are misspelled by one letter.

A word and each of its forms with one letter left out are stored as keyed hashes, with the place of that
letter: two words of which such forms are equal differ in one letter that was added, left out, exchanged for
another or for its neighbour. Laws, run by tests/index/test_misspelled.py: a word of a name is known as
itself; one edit away it is known where it has four letters or more and is no ordinary word; a word that
stands in a text that must keep working is known only as itself.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import bloom
from index.bits import word_bits
from index.columns import Columns, Held
from index.key import subkey
from index.rolling import Hashes
from index.shelf import MemoryShelf, Shelf

NAME = "misspelled"
# Shorter words are too near to each other.
LEAST_LETTERS = 4
SHORT = 4
MOST_LETTERS = 32
# A word that people use is not a misspelling of another: about one in three million.
MISSPELLED_BITS = 21.5
# Of a short word more: many names and abbreviations are near it.
SHORT_BITS = 25.0
# Of a word that no language knows it is all there is.
UNKNOWN_BITS = 26.0
MOST_KNOWN = 1 << 16
# In place of the letter left out: nothing is, or the word stands in a text that must keep working.
WHOLE, INNOCENT = 254, 255
_PARTS = ("hashes", "words", "places", "filter")
_ROWS = {"hashes": "<u8", "words": "<u8", "places": "u1", "spellings": "<u8", "own": "u1"}


class Sense(NamedTuple):
    """Which word of a name a word is: its keyed hash. `edited`: one letter is not as it should be."""

    word: int
    edited: bool


@dataclass(frozen=True, slots=True)
class Spellings:
    """What is stored: `hashes` in order, and of each the word it is a form of and the place left out."""

    hashes: Hashes
    words: Hashes
    places: NDArray[np.uint8]
    filter: Hashes


class Misspelled(dict[str, Sense | None]):
    """The sense of a word, remembered for the words met last: a dictionary answers at once."""

    def __init__(self, stored: Spellings, key: bytes) -> None:
        super().__init__()
        self._stored = stored
        self._hashes = stored.hashes.data
        self._filter = bloom.of(stored.filter)
        self._secret = subkey(key, NAME)

    def __missing__(self, word: str) -> Sense | None:
        if len(self) >= MOST_KNOWN:
            self.clear()
        sense = self[word] = self._sense(word)
        return sense

    def is_sure(self, word: str) -> bool:
        """Whether it is a misspelled word of a name, and a word of nobody's."""
        sense = self[word]
        return sense is not None and sense.edited and word_bits(word) >= UNKNOWN_BITS

    def meant(self, word: str) -> frozenset[int]:
        """All words of names that it is, or is one letter from, however many people use it as it is. None,
        where it stands in a text that must keep working.
        """
        found = [(word, WHOLE, row) for row in self._rows(word)]
        if len(word) >= LEAST_LETTERS:
            found += [(form, place, row) for place, form in _shortened(word) for row in self._rows(form)]
        if any(form == word and left_out == INNOCENT for form, _, (_, left_out) in found):
            return frozenset()
        return frozenset(
            known
            for form, place, (known, left_out) in found
            if place == WHOLE
            or left_out in (WHOLE, place)
            or self._is_beside(word, form, place, known, left_out)
        )

    def _sense(self, word: str) -> Sense | None:
        rows = list(self._rows(word))
        for known, place in rows:
            if place == WHOLE:
                return Sense(known, edited=False)
        if len(word) < LEAST_LETTERS or any(place == INNOCENT for _, place in rows) or not _is_rare(word):
            return None
        return self._edited(word, rows)

    def _edited(self, word: str, rows: Sequence[tuple[int, int]]) -> Sense | None:
        if rows:
            return Sense(rows[0][0], edited=True)
        for place, form in _shortened(word):
            for known, left_out in self._rows(form):
                if left_out in (WHOLE, place) or self._is_beside(word, form, place, known, left_out):
                    return Sense(known, edited=True)
        return None

    def _is_beside(self, word: str, form: str, place: int, known: int, left_out: int) -> bool:
        """Whether the letter left out at a neighbouring place is the same edit: two letters exchanged, or one
        beside its equal, of which the first counts. Else two letters differ ("Flora" and "Liora").
        """
        if abs(left_out - place) != 1:
            return False
        low = min(place, left_out)
        swapped = f"{word[:low]}{word[low + 1]}{word[low]}{word[low + 2 :]}"
        doubled = f"{form[: left_out + 1]}{form[left_out:]}"
        return word[low] == word[low + 1] or any(
            (known, WHOLE) in self._rows(name) for name in (swapped, doubled)
        )

    def _rows(self, form: str) -> Iterator[tuple[int, int]]:
        digest = form_hash(self._secret, form)
        if not self._filter.may_hold(digest):
            return
        row = bisect_left(self._hashes, digest)
        while row < len(self._hashes) and self._hashes[row] == digest:
            yield int(self._stored.words[row]), int(self._stored.places[row])
            row += 1

    @classmethod
    def load(cls, folder: Path, key: bytes) -> "Misspelled":
        """Memory-mapped: all processes of a machine share one copy."""
        return cls(
            read_spellings(lambda name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)),
            key,
        )


def build_misspelled(words: Mapping[str, str], innocent: Iterable[str], key: bytes) -> Misspelled:
    """`words`: which word of a name each spelling is. `innocent`: words of texts that must keep working."""
    shelf = MemoryShelf()
    lay_misspelled([Held(misspelled_columns(words, innocent, key))], shelf)
    return Misspelled(read_spellings(shelf.__getitem__), key)


def read_spellings(read: Callable[[str], NDArray[Any]]) -> Spellings:
    """`read` gives the array of a name."""
    return Spellings(*(read(f"{NAME}.{part}") for part in _PARTS))


def misspelled_columns(
    words: Mapping[str, str], innocent: Iterable[str], key: bytes
) -> dict[str, NDArray[Any]]:
    """A row for each form of each spelling, with the hash of that; `own`: it is a word of a name itself."""
    secret = subkey(key, NAME)
    rows = [
        (form_hash(secret, form), word_of_name(key, word), place, form_hash(secret, spelled), spelled == word)
        for spelled, word in words.items()
        for place, form in _forms(spelled)
    ]
    forms = {row[0] for row in rows}
    for word in sorted(set(innocent)) if forms else ():
        if _touches(word, secret, forms):
            digest = form_hash(secret, word)
            rows.append((digest, 0, INNOCENT, digest, False))
    columns = zip(*rows, strict=True) if rows else ((),) * len(_ROWS)
    return {
        f"{NAME}.{part}": np.array(column, dtype)
        for (part, dtype), column in zip(_ROWS.items(), columns, strict=True)
    }


def lay_misspelled(parts: Sequence[Columns], shelf: Shelf) -> None:
    """What is a name's own word somewhere is no possessive of another and no innocent word."""
    hashes, words, places, spellings, own = (
        np.concatenate([np.empty(0, dtype), *(columns[f"{NAME}.{part}"] for columns in parts)])
        for part, dtype in _ROWS.items()
    )
    is_innocent = places == INNOCENT
    kept = own.astype(np.bool_)
    kept |= ~is_innocent & ~np.isin(spellings, spellings[kept])
    kept |= is_innocent & ~np.isin(hashes, spellings[~is_innocent])
    hashes, words, places = hashes[kept], words[kept], places[kept]
    order = np.lexsort((places, words, hashes))
    hashes, words, places = hashes[order], words[order], places[order]
    new = np.ones(len(hashes), dtype=np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (words[1:] != words[:-1]) | (places[1:] != places[:-1])
    stored = hashes[new], words[new], places[new], bloom.fill(hashes[new])
    for part, array in zip(_PARTS, stored, strict=True):
        shelf.append(f"{NAME}.{part}", array)


def word_of_name(key: bytes, word: str) -> int:
    """What stands for a word of a name, however it is spelled."""
    digest = blake2b(word.encode(), digest_size=8, key=subkey(key, "words of names")).digest()
    return int.from_bytes(digest, "little")


def form_hash(secret: bytes, form: str) -> int:
    return int.from_bytes(blake2b(form.encode(), digest_size=8, key=secret).digest(), "little")


def _touches(word: str, secret: bytes, forms: set[int]) -> bool:
    return any(form_hash(secret, form) in forms for _, form in [(WHOLE, word), *_shortened(word)])


def _forms(word: str) -> Iterator[tuple[int, str]]:
    yield WHOLE, word
    if len(word) >= LEAST_LETTERS:
        yield from _shortened(word)


def _shortened(word: str) -> Iterator[tuple[int, str]]:
    """Without one letter, each form once: of equal letters in a row the first is left out."""
    if len(word) <= MOST_LETTERS:
        for place, letter in enumerate(word):
            if place == 0 or word[place - 1] != letter:
                yield place, word[:place] + word[place + 1 :]


def _is_rare(word: str) -> bool:
    return word.isalpha() and word_bits(word) >= (SHORT_BITS if len(word) <= SHORT else MISSPELLED_BITS)
