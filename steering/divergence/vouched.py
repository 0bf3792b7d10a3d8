"""What near misses say of their own subjects: that may be told of those, though an entry says it too.

Rules: a near miss frees the words that it says itself, and only where its subject is the last whom the
answer's sentence has named; a name of an entry, or a part of one, ends that. Held are keyed hashes alone: of
names, and of each name with every beginning of the words that it frees.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from index.derive import derive_phrases
from index.key import subkey
from index.knowledge import retain_texts
from index.rolling import MASK, WordHash
from index.subjects import text_subjects
from index.units import units
from policy.entry import Entry

NAMES, OTHERS, WORDS = "vouched.names.npy", "vouched.others.npy", "vouched.words.npy"
FILES: Final = (NAMES, OTHERS, WORDS)
LONGEST_NAME: Final = 6
REMEMBERED: Final = 1 << 14
Digests = NDArray[np.uint64]
Name = tuple[str, ...]


class Coder:
    """How names and words become numbers."""

    __slots__ = ("_hash",)

    def __init__(self, key: bytes) -> None:
        self._hash = WordHash(subkey(key, "vouched"))

    def name(self, said: Sequence[str]) -> int:
        digest = len(said)
        for unit in said:
            digest = self.word(digest, unit)
        return digest

    def word(self, name: int, beginning: str) -> int:
        return (name * self._hash.base + self._hash.of(beginning)) & MASK


class Vouched:
    """`names` of subjects of near misses, `others` of entries; `words` behind names, sorted."""

    __slots__ = ("_frees", "coder", "names", "others", "words")

    def __init__(self, coder: Coder, names: frozenset[int], others: frozenset[int], words: Digests) -> None:
        self.coder, self.names, self.others, self.words = coder, names, others, words
        # Where a sentence is about somebody, the same few tokens are asked about at each step.
        self._frees = lru_cache(REMEMBERED)(self._finds)

    def subject(self, said: Sequence[str]) -> int | None:
        """The number of the longest name that these units end with, 0 for an entry's; None: of no name."""
        for size in range(min(len(said), LONGEST_NAME), 0, -1):
            name = self.coder.name(said[-size:])
            if name in self.others:
                return 0
            if name in self.names:
                return name
        return None

    def frees(self, name: int, said: Sequence[str]) -> bool:
        """Whether all of these units are said of who is called so; the last may go on."""
        return all(self._frees(name, unit) for unit in said)

    def _finds(self, name: int, unit: str) -> bool:
        wanted = np.uint64(self.coder.word(name, unit))
        place = np.searchsorted(self.words, wanted)
        return bool(place < len(self.words) and self.words[place] == wanted)

    def save(self, folder: Path) -> None:
        for file, numbers in ((NAMES, self.names), (OTHERS, self.others), (WORDS, self.words.tolist())):
            np.save(folder / file, np.array(sorted(numbers), np.uint64), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, key: bytes) -> Self | None:
        """None where nothing is vouched for, as in folders of older versions."""
        if not all((folder / file).is_file() for file in FILES):
            return None
        names, others, words = (np.load(folder / file, mmap_mode="r", allow_pickle=False) for file in FILES)
        return cls(Coder(key), frozenset(names.tolist()), frozenset(others.tolist()), words)


def vouched(entries: Sequence[Entry], key: bytes) -> Vouched:
    coder, others = Coder(key), frozenset(_entries_names(entries))
    told = _told(retain_texts(entries), others)
    words = {
        coder.word(coder.name(name), word[:size])
        for name, said in told.items()
        for word in said
        for size in range(1, len(word) + 1)
    }
    return Vouched(
        coder,
        frozenset(map(coder.name, told)),
        frozenset(map(coder.name, others)),
        np.array(sorted(words), np.uint64),
    )


def _entries_names(entries: Sequence[Entry]) -> Iterator[Name]:
    """Whole, and each word of them."""
    for entry in entries:
        for text in entry.names or derive_phrases(entry).names:
            name = _units(text)
            yield name[-LONGEST_NAME:]
            yield from ((unit,) for unit in name)


def _told(texts: Iterable[str], others: frozenset[Name]) -> dict[Name, set[str]]:
    """By subject, what the near misses about it say; of an entry's own name nothing."""
    listed, told = list(texts), defaultdict[Name, set[str]](set)
    for text, subject in zip(listed, text_subjects(listed), strict=True):
        name = _units(" ".join(subject or ()))
        if name and len(name) <= LONGEST_NAME and name not in others:
            told[name].update(_units(text))
    return told


def _units(text: str) -> Name:
    return tuple(unit.text for unit in units(text))
