"""What the engine holds of the forgotten: a folder that belongs to one tokenizer, one key and one generation.

Rules: arrays are memory-mapped and read only by who has the key; a manifest, sealed with the key, says what
they are. Another tokenizer, key, version or fold, and any file that was changed, are refused when it is
loaded.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.key import commitment
from index.rolling import WordHash
from index.snapshot import check_files
from policy.digest import contents_digest
from policy.policy import Policy
from steering.book import Book, Phrases
from steering.chain import Chain
from steering.fixed import Fixed
from steering.heads import Tokens
from steering.known import AllKnown
from steering.manifest import ArtefactError, ArtefactManifest, read_manifest
from steering.masked import MaskedTable
from steering.matcher import Matcher
from steering.paths import Paths
from steering.rules import Rules
from steering.unit_list import UnitList
from steering.vocabulary import Vocabulary

WORDS, FIGURES, PHRASES = "words", "figures", "phrases"
ENTRIES, SINGLES, FIRSTS = "entries.npy", "singles.npy", "firsts.npy"

__all__ = ["Artefact", "ArtefactError", "is_stale"]


@dataclass(frozen=True, slots=True)
class Artefact:
    manifest: ArtefactManifest
    vocabulary: Vocabulary
    book: Book
    tokens: Tokens
    known: AllKnown

    @property
    def generation(self) -> int:
        """Of the snapshot that it was made with."""
        return self.manifest.generation

    def matcher(self, active: frozenset[int] | None = None, allowed: frozenset[int] = frozenset()) -> Matcher:
        """For one request. `active`: the numbers of the entries that are steered, None being all; `allowed`:
        those of which what stands in the prompt may be said again.
        """
        return Matcher(self.vocabulary, self.tokens, self.known, self.book, Rules(self.book, active, allowed))

    @classmethod
    def load(cls, folder: Path, key: bytes, vocabulary: Vocabulary) -> "Artefact":
        """Raises ArtefactError."""
        try:
            manifest = read_manifest(folder)
            manifest.check(key, vocabulary.fingerprint)
            arrays = folder / str(manifest.number)
            check_files(arrays, manifest.files, manifest.command)
            book, tokens = open_book(arrays, manifest.windows, key), Tokens(vocabulary)
            return cls(manifest, vocabulary, book, tokens, AllKnown(Fixed(book, tokens)))
        except (ValueError, OSError, KeyError, IndexError) as error:
            raise ArtefactError(f"{folder}: {error}") from error


def is_stale(folder: Path, policy: Policy, key: bytes, vocabulary: Vocabulary, generation: int) -> bool:
    """Whether it is missing, or of another policy, key, tokenizer, generation of the snapshot or version."""
    try:
        manifest = read_manifest(folder)
        manifest.check(key, vocabulary.fingerprint)
    except ArtefactError:
        return True
    expected = commitment(key, contents_digest(policy)), generation
    return (manifest.contents, manifest.generation) != expected


def open_book(arrays: Path, windows: tuple[int, ...], key: bytes) -> Book:
    word_hash, units = WordHash(key), UnitList.load(arrays, key)
    entries, marks = (
        np.load(arrays / f"{PHRASES}.{part}.npy", allow_pickle=False) for part in ("entries", "marks")
    )
    words, figures = (Paths(MaskedTable.load(arrays, name, key), word_hash.base) for name in (WORDS, FIGURES))
    chains = tuple(Chain.load(arrays, window, word_hash.base, key) for window in windows)
    singles, firsts = (
        sorted(map(units.text, np.load(arrays / name, allow_pickle=False).tolist()))
        for name in (SINGLES, FIRSTS)
    )
    numbers = tuple(np.load(arrays / ENTRIES, allow_pickle=False).tolist())
    return Book(numbers, units, words, figures, chains, Phrases(entries, marks), word_hash, singles, firsts)
