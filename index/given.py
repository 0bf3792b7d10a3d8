"""Innocent texts and reported scores that were given by hand: each snapshot keeps them for the next one.

Rules: no text is kept, but the turned vectors of its windows and the keyed hashes of its words and dates.
Forgetting wins: a text that names or asks what is forgotten by now counts no more. Under another key or
encoder nothing is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from pathlib import Path
from typing import Any

import numpy as np

from index.date_index import date_hashes
from index.encoder import Rows
from index.fingerprint import same_encoder
from index.forgets import Forgets, WordsHash
from index.hash_lists import flat, lists
from index.manifest import SnapshotError, read_manifest
from index.neighbour_rows import Texts
from index.sentences import windows
from index.snapshot import describe

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
        return cls(fingerprint, read_texts(texts, encode, key), list(map(WordsHash(key), texts)))

    def after(self, last: "Given | None", reported: Sequence[float]) -> "Given":
        """With what was given before and not anew. Scores and vectors of another encoder say nothing."""
        if last is None or not same_encoder(last.fingerprint, self.fingerprint):
            return replace(self, reported=tuple(reported))
        return replace(self if self.words else last, reported=tuple(reported) or last.reported)

    def innocent(self, forgets: Forgets) -> "Given":
        """Those that say nothing of what is forgotten."""
        kept = [not forgets.names(words) for words in self.words]
        return replace(self, texts=self.texts.only(kept), words=list(compress(self.words, kept)))

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
            **flat("dates", dates),
            **flat("words", self.words),
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
    dates = [frozenset(found) for found in lists("dates", kept)]
    texts = Texts(kept["rows"], kept["sizes"].tolist(), dates)
    words = [tuple(found) for found in lists("words", kept)]
    return Given(str(kept["fingerprint"]), texts, words, tuple(kept["reported"].tolist()))
