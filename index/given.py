"""Innocent texts and reported scores that were given by hand: each snapshot keeps them for the next one.

Rules: no text is kept, but the turned vectors of its windows and the keyed hashes of its words and dates.
Forgetting wins: a text that names or asks what is forgotten by now counts no more. Under another key or
encoder nothing is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, compress, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from index.date_index import date_hashes
from index.encoder import Rows
from index.manifest import SnapshotError, read_manifest
from index.negatives import is_forgotten
from index.neighbour_rows import Texts
from index.plain_words import plain_words
from index.rolling import WordHash
from index.sentences import windows
from index.snapshot import describe
from policy.entry import Entry

GIVEN_FILE = "given.npz"

Encode = Callable[[Sequence[str]], Rows]


@dataclass(frozen=True, slots=True)
class Given:
    """`words` are the hashes of each text's words, in order; `fingerprint` says whose vectors they are."""

    fingerprint: str
    texts: Texts
    words: Sequence[tuple[int, ...]]
    reported: tuple[float, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str], fingerprint: str, encode: Encode, key: bytes) -> "Given":
        word_hash = WordHash(key)
        words = [tuple(map(word_hash, plain_words(text))) for text in texts]
        return cls(fingerprint, read_texts(texts, encode, key), words)

    def after(self, last: "Given | None", reported: Sequence[float]) -> "Given":
        """With what was given before and not anew. Scores and vectors of another encoder say nothing."""
        if last is None or last.fingerprint != self.fingerprint:
            return replace(self, reported=tuple(reported))
        return replace(self if self.words else last, reported=tuple(reported) or last.reported)

    def innocent(self, entries: Sequence[Entry], names: Sequence[Sequence[str]], key: bytes) -> Texts:
        """Those that say nothing of what is forgotten."""
        word_hash = WordHash(key)

        def hashed(text: str) -> tuple[int, ...]:
            return tuple(map(word_hash, plain_words(text)))

        questions = {hashed(pair.question) for entry in entries for pair in entry.questions}
        subjects = {hashed(name) for group in names for name in group}
        return _some(self.texts, [not is_forgotten(words, questions, subjects) for words in self.words])

    def save(self, folder: Path) -> None:
        if not self.words and not self.reported:
            return
        dates = [sorted(found) for found in self.texts.dates]
        np.savez(
            folder / GIVEN_FILE,
            fingerprint=np.array(self.fingerprint),
            rows=self.texts.rows,
            sizes=np.array(self.texts.sizes, np.int64),
            reported=np.array(self.reported, np.float64),
            **_flat("dates", dates),
            **_flat("words", self.words),
        )


def last_given(folder: Path, key: bytes) -> Given | None:
    """What the snapshot in the folder keeps, if it was made with this key."""
    try:
        manifest = read_manifest(folder)
        manifest.check(key)
        path = folder / str(manifest.generation) / GIVEN_FILE
        if GIVEN_FILE not in manifest.files or describe(path) != manifest.files[GIVEN_FILE]:
            return None
        with np.load(path, allow_pickle=False) as kept:
            return _given(kept)
    except (SnapshotError, OSError, ValueError, KeyError):
        # A build makes good what is missing or damaged.
        return None


def read_texts(texts: Sequence[str], encode: Encode, key: bytes) -> Texts:
    pieces = [windows(text) for text in texts]
    flat = list(chain.from_iterable(pieces))
    dates = [frozenset(date_hashes(window, key)) for window in flat]
    return Texts(encode(flat), [len(windows_) for windows_ in pieces], dates)


def _given(kept: Any) -> Given:
    dates = [frozenset(found) for found in _lists("dates", kept)]
    texts = Texts(kept["rows"], kept["sizes"].tolist(), dates)
    words = [tuple(found) for found in _lists("words", kept)]
    return Given(str(kept["fingerprint"]), texts, words, tuple(kept["reported"].tolist()))


def _some(texts: Texts, kept: Sequence[bool]) -> Texts:
    rows = np.repeat(np.array(kept, bool), texts.sizes)
    return Texts(texts.rows[rows], list(compress(texts.sizes, kept)), list(compress(texts.dates, rows)))


def _flat(name: str, lists: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Lists of different lengths as two arrays."""
    sizes = np.array([len(one) for one in lists], np.int64)
    return {name: np.array(list(chain.from_iterable(lists)), np.uint64), f"{name}_sizes": sizes}


def _lists(name: str, kept: Any) -> Iterator[list[int]]:
    values = kept[name].tolist()
    for start, stop in pairwise(accumulate(kept[f"{name}_sizes"].tolist(), initial=0)):
        yield values[start:stop]
