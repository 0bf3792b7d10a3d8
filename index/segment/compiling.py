"""Compiles entries into a segment, beside the texts that must keep working.

Rule: a window of a passage, or a string, that also stands in such a text tells nothing of the forgotten: such
a window is left out, such a string counts only while its entry is active. What depends on other entries is
left to the merge.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.anchors import ANCHORS
from index.anchors_build import anchors_of
from index.columns import Held
from index.derive import derive_all
from index.knowledge import retain_texts
from index.letters_build import LetterBuilder
from index.loose_build import loose_columns
from index.manifest import ManifestEntry, fold_version
from index.names import DETECTORS, DIGITS, MOST_BITS, PASSAGES, PHRASES
from index.pair_builder import pair_columns
from index.passage import BuildError, check_units
from index.pattern_table import near_units
from index.phrases import PlainPhrase, owned_phrases, phrase_builders, weakened
from index.segment.kept import Kept
from index.segment.segment import Header, Segment
from index.segment.settings import Settings
from index.table_builder import TableBuilder
from index.telling import facts, forms
from index.whole_text import WholeText
from index.windows import Windows
from index.words_of import Vocabulary, Words
from policy.entry import Entry
from policy.finding import Detector

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some passages of an entry, from the one of this number on. With the first one come its names, secrets
    and questions.
    """

    entry: Entry
    first: int
    passages: Sequence[str]


def compile_segment(
    entries: Sequence[Entry], settings: Settings, retain: Mapping[str, str], key: bytes
) -> Segment:
    """`retain` maps the texts that must keep working to their sources; the entries' own are added. Raises
    BuildError for what cannot be kept.
    """
    kept = Kept({**retain, **retain_texts(entries)}, key)
    stretches = [Stretch(entry, 0, entry.passages) for entry in entries]
    return Compiler(settings, kept, key).segment(stretches)


class Compiler:
    """Makes segments of one build, which share what was learned about words."""

    def __init__(self, settings: Settings, kept: Kept, key: bytes) -> None:
        self._settings, self._kept, self._key = settings, kept, key
        self._vocabulary = Vocabulary(key)

    def segment(self, stretches: Sequence[Stretch]) -> Segment:
        words, owners = self._words(stretches)
        owned, phrases, arrays = self._phrases(stretches)
        letters = LetterBuilder(self._key)
        for owner, phrase in enumerate(phrases):
            for sequence in phrase.sequences:
                letters.phrase(owner, sequence, name=phrase.detector is Detector.NAME)
        windows, found = self._windows(stretches, words, owners)
        arrays |= found
        if windows is not None:
            letters.passages(windows)
        if self._settings.coverage is not None:
            arrays |= pair_columns(words, owners, self._kept.pairs, self._key)
        loose = phrases if self._settings.misspelled else []
        arrays |= loose_columns(loose, self._kept.words, self._key)
        arrays |= letters.columns()
        arrays[ANCHORS] = anchors_of(words.said, phrases, self._key)
        counts = Counter(zip(owned, (phrase.detector for phrase in phrases), strict=True))
        kept = np.zeros(len(owners), dtype=np.int64) if windows is None else windows.kept()
        sums = np.bincount(owners, kept, len(stretches)).astype(np.int64).tolist()
        return Segment(
            Header(
                fold=fold_version(),
                settings=self._settings,
                sources=self._kept.sources,
                goes_on=bool(stretches) and stretches[0].first > 0,
                entries=tuple(map(_entry, range(len(stretches)), stretches, sums, [counts] * len(stretches))),
            ),
            Held(arrays),
        )

    def _words(self, stretches: Sequence[Stretch]) -> tuple[Words, NDArray[np.int64]]:
        """Of all passages, and the place of each one's entry."""
        read: list[Sequence[str]] = []
        for stretch in stretches:
            for number, text in enumerate(stretch.passages, stretch.first + 1):
                words = WholeText.of(text).words
                if self._settings.window:
                    check_units(stretch.entry.id, number, words)
                read.append(words)
        counts = [len(stretch.passages) for stretch in stretches]
        return self._vocabulary.words(read), np.repeat(np.arange(len(counts)), counts)

    def _windows(
        self, stretches: Sequence[Stretch], words: Words, owners: NDArray[np.int64]
    ) -> tuple[Windows | None, Arrays]:
        builder = TableBuilder(self._key, self._settings.reveal, near=True)
        if not self._settings.window:
            return None, builder.columns(PASSAGES)
        sizes = set(np.unique(np.minimum(self._settings.window, words.counts)).tolist())
        innocent = {size: self._kept.windows(size) for size in sizes | set(map(near_units, sizes)) if size}
        windows = Windows.of(words, self._settings.window, builder, innocent)
        for passage in np.flatnonzero(windows.kept() == 0).tolist():
            stretch = stretches[int(owners[passage])]
            number = stretch.first + passage - int(np.searchsorted(owners, owners[passage])) + 1
            raise BuildError(
                f"entry {stretch.entry.id}: passage {number} stands in a retain text; remove it from one"
            )
        return windows, builder.columns(PASSAGES)

    def _phrases(self, stretches: Sequence[Stretch]) -> tuple[list[int], list[PlainPhrase], Arrays]:
        """The place of each phrase's entry, the phrases as they count, and what the merge needs of them."""
        opened = [place for place, stretch in enumerate(stretches) if stretch.first == 0]
        entries = [stretches[place].entry for place in opened]
        owned = owned_phrases(entries, derive_all(entries))
        phrases = [phrase for _, phrase in owned]
        held = self._kept.holders(phrases)
        said = facts(phrases, [entry for entry, _ in owned], entries, self._key)
        found = weakened(phrases, held)
        words, numbers = phrase_builders(found, self._key)
        places = [opened[entry] for entry, _ in owned]
        arrays: Arrays = {
            "facts.rows": _rows(places, found, said),
            "facts.held": np.array([len(held.get(at, ())) for at in range(len(phrases))], dtype=np.uint32),
            "facts.forms": forms(phrases, self._key),
            **words.columns(PHRASES),
            **numbers.columns(DIGITS),
        }
        return places, found, arrays


def _rows(places: Iterable[int], phrases: Iterable[PlainPhrase], said: Iterable[int]) -> NDArray[np.uint32]:
    rows = [
        (
            place,
            DETECTORS.index(phrase.detector),
            min(int(phrase.bits), MOST_BITS),
            phrase.cased,
            phrase.derived,
            fact,
        )
        for place, phrase, fact in zip(places, phrases, said, strict=True)
    ]
    return np.array(rows, dtype=np.uint32).reshape(-1, 6)


def _entry(
    place: int, stretch: Stretch, windows: int, counts: Counter[tuple[int, Detector]]
) -> ManifestEntry:
    entry = stretch.entry
    return ManifestEntry(
        id=entry.id,
        reason=entry.reason,
        models=entry.models,
        keys=entry.keys,
        start=entry.start,
        end=entry.end,
        passages=len(stretch.passages),
        windows=windows,
        names=counts[place, Detector.NAME],
        secrets=counts[place, Detector.SECRET],
    )
