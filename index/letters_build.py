"""Makes the table of what letters spell.

Rules: every way of writing a name or a secret is a string: forwards and backwards, its words backwards, every
word backwards. A passage gives strings of 24 letters from every fourth word on, so that no stretch of it of
some ten words is without one; of a shorter passage all letters are one string.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns import Columns, Held
from index.key import subkey
from index.letter_rows import ROWS, STARTS_AT, Row, Rows, masks
from index.letter_texts import TURNED, LetterTexts
from index.letters import ALPHABET, LONGEST, PASSAGES, STRINGS, LetterTable, place_of, start_of, symbols
from index.pattern_table import PatternTable
from index.rolling import Hashes, WordHash, digests
from index.shelf import MemoryShelf, Shelf
from index.table_builder import NONE, Flags, TableBuilder, stands_in
from index.table_laying import Piece, lay_table, shelved
from index.windows import Windows
from index.words_of import Places, Vocabulary, Words

# Fewer letters in a row are found everywhere.
LEAST = 4
OF_PASSAGE = 24
STRIDE = 4
# With fewer letters a whole passage is no string.
LEAST_OF_PASSAGE = 12
# At these lengths it is told whether a string goes on. The shortest are few, and each is counted once.
TOLD = frozenset((1, 2, 3, 4, 6, 8, 12, 16, 20))
FEW = 4
# Of strings of one length so many are rolled at once: more would not fit the cache.
_AT_ONCE = 1 << 16


class LetterBuilder:
    """Collects strings, then makes the table of them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._word_hash = WordHash(key)
        self._symbols = symbols(self._word_hash)
        self._strings = TableBuilder(key, 0, few=FEW)
        self._passages = TableBuilder(key, 0, told=TOLD, few=FEW)
        self._of_phrases: list[tuple[str, Row]] = []
        self._of_passages: list[Rows] = [np.empty((0, 2), dtype=np.uint64)]

    def phrase(self, owner: int, words: Sequence[str], *, name: bool = False) -> None:
        """A number is its digits, whatever words they stand in."""
        if len("".join(words)) < LEAST:
            return
        key = int(digests(self._word_hash.many(words), len(words), self._word_hash.base)[0])
        start = start_of(words, self._word_hash)
        rows = {"".join(words)[::-1]: Row(owner, False, True, 0, key)}
        # What reads the same both ways is not backwards.
        forwards, turned, each = (
            "".join(words),
            "".join(reversed(words)),
            "".join(word[::-1] for word in words),
        )
        texts: Sequence[str] = (forwards,) if _is_number(words) else (each, turned, forwards)
        if name and len(words) < 3:
            # In the other order it is a name as people write it, with a comma or without.
            texts = each, forwards
        rows |= {text: Row(owner, False, False, start, key) for text in texts}
        self._of_phrases += [(text[:LONGEST], row) for text, row in rows.items()]

    def passage(self, owner: int, words: Sequence[str], window: int, innocent: Hashes = NONE) -> None:
        """`innocent`: sorted digests of the windows that tell nothing."""
        read = Vocabulary(self._key).words([words])
        keys = digests(read.hashes, window, self._word_hash.base)
        self.passages(Windows(read, keys, ~stands_in(keys, innocent), np.array([len(keys)])), owner)

    def passages(self, windows: Windows, first_owner: int = 0) -> None:
        """`first_owner`: the number of the first passage."""
        words = windows.words
        texts = LetterTexts.of(words, self._symbols, self._word_hash)
        sizes = np.minimum(OF_PASSAGE, texts.letters)[words.texts]
        chosen, key = windows.telling_from(np.flatnonzero(_every_fourth(words) & (sizes >= LEAST_OF_PASSAGE)))
        begins, fits = texts.begins(chosen, sizes[chosen])
        # In the order of passages and places, so that parts of them are rows in a row.
        string, way = np.nonzero(fits.T)
        begins, size, chosen = begins.T[string, way], sizes[chosen][string], chosen[string]
        starts = np.where(way <= TURNED, _starts(words, self._word_hash)[chosen], np.uint64(0))
        owner = (words.texts[chosen] + first_owner).astype(np.uint64)
        rows = np.column_stack(
            (key[string], texts.told(begins, size) | owner | starts << np.uint64(STARTS_AT))
        )
        self._add_passages(texts, begins, size, rows)

    def _add_passages(self, texts: LetterTexts, begins: Places, sizes: Places, rows: Rows) -> None:
        numbers = np.arange(len(rows), dtype=np.uint32) + np.uint32(sum(map(len, self._of_passages)))
        self._of_passages.append(rows)
        for size in np.unique(sizes).tolist():
            of_size = np.flatnonzero(sizes == size)
            for at in range(0, len(of_size), _AT_ONCE):
                some = of_size[at : at + _AT_ONCE]
                self._passages.add_many(texts.symbols_of(begins[some], size), numbers[some])

    def columns(self) -> dict[str, NDArray[Any]]:
        strings = self._add_phrases()
        return {
            **self._strings.columns(STRINGS),
            **self._passages.columns(PASSAGES),
            f"{STRINGS}.{ROWS}": strings,
            f"{PASSAGES}.{ROWS}": np.concatenate(self._of_passages),
        }

    def _add_phrases(self) -> Rows:
        rows, by_length = [], defaultdict[int, list[int]](list)
        for number, (text, row) in enumerate(self._of_phrases):
            digits = sum(map(str.isdecimal, text))
            counted = replace(row, first=place_of(text[0]), letters=len(text) - digits, digits=digits)
            rows.append(counted.packed())
            by_length[len(text)].append(number)
        for numbers in by_length.values():
            said = [list(self._steps(self._of_phrases[number][0])) for number in numbers]
            self._strings.add_many(np.array(said, dtype=np.uint64).T, np.array(numbers, dtype=np.uint32))
        return np.array(rows, dtype=np.uint64).reshape(-1, 2)

    def _steps(self, text: str) -> Iterator[int]:
        before: int | None = None
        for letter in text:
            place = place_of(letter)
            if place == ALPHABET:
                yield self._word_hash.of(f"+{letter}")
                continue
            yield self._symbols[ALPHABET if before is None else (place - before) % ALPHABET]
            before = place

    def build(self) -> LetterTable:
        shelf = MemoryShelf()
        self.lay(shelf)
        strings, passages = (PatternTable(shelved(shelf, name), self._key) for name in (STRINGS, PASSAGES))
        rows = [shelf[f"{STRINGS}.{ROWS}"]], [shelf[f"{PASSAGES}.{ROWS}"]]
        return LetterTable(strings, passages, rows, self._key)

    def lay(self, shelf: Shelf) -> None:
        """The table of these strings alone."""
        lay_letters([(Held(self.columns()), 0, 0)], shelf, self._key)


def lay_letters(
    parts: Sequence[tuple[Columns, int, int]], shelf: Shelf, key: bytes, under: Sequence[Columns] = ()
) -> None:
    """Of many parts: each with how many phrases and how many passages the parts before it have. `under`: of
    the level below.
    """
    for table, name in enumerate((STRINGS, PASSAGES)):
        begun, pieces = sum(columns.sizes[f"{name}.{ROWS}"] for columns in under), list[Piece]()
        for columns, *_ in parts:
            pieces.append(Piece(columns, begun))
            begun += columns.sizes[f"{name}.{ROWS}"]
        lay_table(name, pieces, shelf, 0, FEW)
        shelf.append(f"{name}.{ROWS}", np.empty((0, 2), dtype=np.uint64))
        secret = subkey(key, name)
        for piece, (columns, *owners) in zip(pieces, parts, strict=True):
            rows: Rows = columns[f"{name}.{ROWS}"].copy()
            rows[:, 1] += np.uint64(owners[table])
            shelf.append(f"{name}.{ROWS}", rows ^ masks(secret, piece.owners, len(rows)))


def _is_number(words: Sequence[str]) -> bool:
    return all(len(word) == 1 and word.isdecimal() for word in words)


def _every_fourth(words: Words) -> Flags:
    """Every fourth word of each text, from the first on."""
    within = np.arange(len(words.said)) - words.starts[words.texts]
    fourth: Flags = within % STRIDE == 0
    return fourth


def _starts(words: Words, word_hash: WordHash) -> Hashes:
    """Of each word with the next one of its text, what `start_of` says."""
    hashes, ends = words.hashes, words.ends[words.counts > 0] - 1
    pairs = hashes * np.uint64(word_hash.base)
    pairs[:-1] += hashes[1:]
    pairs[ends] = hashes[ends]
    return pairs >> np.uint64(STARTS_AT)
