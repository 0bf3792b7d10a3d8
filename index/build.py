"""Compiles a policy into a snapshot folder: whole or nothing, and readable by nobody.

Texts are read, hashed with the key and dropped. A window of a passage, or a string, that also stands in a
text that must keep working (retain) tells nothing of the forgotten: such a window is left out, such a string
counts only while its entry is active.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.anchors_build import anchors_of
from index.derive import Derived, derive_all
from index.encoder import Encoder
from index.given import last_given
from index.ground import NO_GROUND, Ground
from index.key import commitment, key_id
from index.knowledge import retain_texts
from index.letters import LetterTable
from index.letters_build import LetterBuilder
from index.loose_build import build_loose, no_names
from index.manifest import (
    KIND,
    Manifest,
    ManifestEncoder,
    ManifestEntry,
    SnapshotError,
    fold_version,
    read_manifest,
)
from index.pair_builder import build_pairs
from index.passage import BuildError, passage_units
from index.pattern_table import PatternTable, near_units
from index.phrases import PlainPhrase, holders, owned_phrases, phrase_tables, weakened
from index.probes import Asker
from index.progress import Progress, silent
from index.publishing import publish
from index.rolling import Hashes, WordHash, digests
from index.snapshot import DETECTORS, DIGITS, FACT_COLUMNS, FACTS, MOST_BITS, PASSAGES, PHRASES, describe
from index.table_builder import NONE, TableBuilder
from index.telling import Telling, tellings
from index.vectors import Built, build_vectors
from index.whole_text import WholeText
from policy.digest import contents_digest
from policy.entry import Entry
from policy.finding import Detector
from policy.policy import Policy, Verbatim


@dataclass(frozen=True, slots=True)
class Passages:
    """`innocent`: by length, the windows that tell nothing."""

    table: PatternTable
    windows: tuple[tuple[int, ...], ...]
    innocent: Mapping[int, Hashes]


@dataclass(frozen=True, slots=True)
class Phrases:
    """`entries` names the entry of each phrase, `tellings` say how much each tells."""

    phrases: tuple[PlainPhrase, ...]
    entries: tuple[int, ...]
    tellings: tuple[Telling, ...]
    words: PatternTable
    digits: PatternTable

    def counts(self) -> Counter[tuple[int, Detector]]:
        """By entry and detector."""
        owned = zip(self.entries, self.phrases, strict=True)
        return Counter((entry, phrase.detector) for entry, phrase in owned)

    def facts(self) -> NDArray[np.uint32]:
        rows = list(map(_facts, self.phrases, self.entries, self.tellings))
        return np.array(rows, dtype=np.uint32).reshape(-1, FACT_COLUMNS)


def build(
    policy: Policy,
    folder: Path,
    key: bytes,
    encoder: Encoder | None = None,
    progress: Progress = silent,
    asker: Asker | None = None,
    ground: Ground = NO_GROUND,
) -> Manifest:
    """The next generation of the snapshot in `folder`. Without semantics the encoder is unused.

    `asker` is put every passage of an entry without questions. Raises CalibrationError where the ground is
    strict and too small; the last generation then stays.
    """
    retain = retain_texts(policy.entries)
    passages = _passages(policy, key, retain, progress)
    pairs = build_pairs(policy, key, retain)
    progress("hashing pairs", len(pairs), len(pairs))
    derived = derive_all(policy.entries)
    progress("deriving phrases", len(derived), len(derived))
    phrases = _phrases(policy.entries, derived, key, retain)
    progress("hashing phrases", len(phrases.phrases), len(phrases.phrases))
    letters = _letters(policy, key, passages, phrases.phrases)
    progress("hashing letters", 1, 1)
    loose = build_loose(phrases.phrases, retain, key) if policy.misspelled else no_names()
    anchors = anchors_of(policy, phrases.phrases, key)
    ground = ground if ground.anew else replace(ground, kept=last_given(folder, key))
    built = _vectors(policy, derived, key, encoder, progress, asker, ground)
    given = built.given if built is not None else ground.kept

    def write(draft: Path) -> None:
        passages.table.save(draft, PASSAGES)
        pairs.save(draft)
        phrases.words.save(draft, PHRASES)
        phrases.digits.save(draft, DIGITS)
        letters.save(draft)
        loose.save(draft)
        anchors.save(draft)
        np.save(draft / FACTS, phrases.facts(), allow_pickle=False)
        if built is not None:
            built.vectors.save(draft)
        if given is not None:
            given.save(draft)

    def say(generation: int, arrays: Path) -> Manifest:
        verbatim = policy.verbatim or Verbatim(0, 0)
        return Manifest(
            generation=generation,
            made=datetime.now(UTC),
            contents=commitment(key, contents_digest(policy)),
            key_id=key_id(key),
            fold=fold_version(),
            window=verbatim.window,
            reveal=verbatim.reveal,
            encoder=_encoder(encoder) if built is not None else None,
            calibration=built.calibration.as_json() if built is not None else None,
            entries=tuple(_entries(policy.entries, passages, phrases, built)),
            files={path.name: describe(path) for path in sorted(arrays.iterdir())},
        ).sealed(key)

    return publish(folder, write, say, KIND)


def is_stale(folder: Path, policy: Policy, key: bytes, encoder_fingerprint: str | None) -> bool:
    """Whether the snapshot is missing, or of other entries, detectors, key, encoder or version of the units.

    Rules are not compiled: a policy whose rules alone have changed needs no new snapshot.
    """
    try:
        manifest = read_manifest(folder)
        manifest.check(key)
    except SnapshotError:
        return True
    expected = encoder_fingerprint if policy.semantic is not None else None
    found = None if manifest.encoder is None else manifest.encoder.fingerprint
    return (manifest.contents, found) != (commitment(key, contents_digest(policy)), expected)


def _passages(policy: Policy, key: bytes, innocent: Iterable[str], report: Progress) -> Passages:
    if policy.verbatim is None:
        return Passages(TableBuilder(key, 0).build(), tuple(() for _ in policy.entries), {})
    word_hash, builder = WordHash(key), TableBuilder(key, policy.verbatim.reveal, near=True)
    read = [[_hashes(entry, n, word_hash) for n in range(len(entry.passages))] for entry in policy.entries]
    sizes = {min(policy.verbatim.window, len(hashes)) for passages in read for hashes in passages}
    common = _innocent_windows(innocent, sizes | set(map(near_units, sizes)), word_hash)
    windows: list[tuple[int, ...]] = []
    owner, total = 0, sum(map(len, read))
    for entry, passages in zip(policy.entries, read, strict=True):
        counts = []
        for number, hashes in enumerate(passages, 1):
            size = min(policy.verbatim.window, len(hashes))
            counts.append(builder.add(hashes, size, owner, common))
            if not counts[-1]:
                raise BuildError(
                    f"entry {entry.id}: passage {number} stands in a retain text; remove it from one"
                )
            owner += 1
            report("hashing passages", owner, total)
        windows.append(tuple(counts))
    return Passages(builder.build(), tuple(windows), common)


def _letters(policy: Policy, key: bytes, passages: Passages, phrases: Sequence[PlainPhrase]) -> LetterTable:
    builder = LetterBuilder(key)
    for owner, phrase in enumerate(phrases):
        for sequence in phrase.sequences:
            builder.phrase(owner, sequence, name=phrase.detector is Detector.NAME)
    texts = (text for entry in policy.entries for text in entry.passages) if policy.verbatim else ()
    for owner, text in enumerate(texts):
        words = WholeText.of(text).words
        size = min(policy.verbatim.window if policy.verbatim else 0, len(words))
        builder.passage(owner, words, size, passages.innocent.get(size, NONE))
    return builder.build()


def _hashes(entry: Entry, place: int, word_hash: WordHash) -> Hashes:
    return word_hash.many(passage_units(entry, place))


def _innocent_windows(texts: Iterable[str], sizes: Iterable[int], word_hash: WordHash) -> dict[int, Hashes]:
    """For each length the sorted digests of all such sequences in the texts that must keep working."""
    read = [word_hash.many(WholeText.of(text).words) for text in texts]
    none = [np.empty(0, dtype=np.uint64)]
    return {
        size: np.sort(np.concatenate(none + [digests(hashes, size, word_hash.base) for hashes in read]))
        for size in sizes
        if size
    }


def _phrases(
    entries: Sequence[Entry], derived: Sequence[Derived], key: bytes, retain: Mapping[str, str]
) -> Phrases:
    owned = owned_phrases(entries, derived)
    owners, phrases = tuple(entry for entry, _ in owned), [phrase for _, phrase in owned]
    held = holders(phrases, retain, key)
    told = tellings(phrases, owners, entries, held, len(set(retain.values())), key)
    phrases = weakened(phrases, held)
    words, numbers = phrase_tables(phrases, key)
    return Phrases(tuple(phrases), owners, tuple(told), words, numbers)


def _facts(phrase: PlainPhrase, entry: int, telling: Telling) -> tuple[int, ...]:
    surprise, kind = min(int(phrase.bits), MOST_BITS), DETECTORS.index(phrase.detector)
    return entry, kind, surprise, phrase.cased, phrase.derived, telling.apart, telling.fact


def _vectors(
    policy: Policy,
    derived: Sequence[Derived],
    key: bytes,
    encoder: Encoder | None,
    report: Progress,
    asker: Asker | None,
    ground: Ground,
) -> Built | None:
    if encoder is None or policy.semantic is None:
        return None
    names = [(*entry.names, *found.names) for entry, found in zip(policy.entries, derived, strict=True)]
    rate = policy.semantic.false_positive_rate
    stage = partial(_stage, report)
    return build_vectors(policy.entries, encoder, key, rate, names, stage, asker, ground)


def _stage(report: Progress, stage: str) -> None:
    report(stage, 1, 1)


def _encoder(encoder: Encoder | None) -> ManifestEncoder | None:
    if encoder is None:
        return None
    return ManifestEncoder(name=encoder.name, fingerprint=encoder.fingerprint, dimension=encoder.dimension)


def _entries(
    entries: Sequence[Entry], passages: Passages, phrases: Phrases, built: Built | None
) -> Iterator[ManifestEntry]:
    vectors = built.vectors.counts if built is not None else (0,) * len(entries)
    counts = phrases.counts()
    for place, entry in enumerate(entries):
        yield ManifestEntry(
            id=entry.id,
            reason=entry.reason,
            models=entry.models,
            keys=entry.keys,
            start=entry.start,
            end=entry.end,
            windows=passages.windows[place],
            names=counts[place, Detector.NAME],
            secrets=counts[place, Detector.SECRET],
            vectors=vectors[place],
        )
