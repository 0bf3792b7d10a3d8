"""Compiles a policy into a snapshot folder: whole or nothing, and readable by nobody.

Texts are read, hashed with the key and dropped, batch by batch: what was compiled stays beside the snapshot,
sealed, so that a build that was cut off goes on, and the next one compiles only what has changed. Then all
batches are merged.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from index.derive import derive_all
from index.encoder import Encoder
from index.fingerprint import same_encoder
from index.given import last_given
from index.ground import NO_GROUND, Ground
from index.kept_rows import KeptRows, keep_rows, kept_file
from index.key import commitment
from index.knowledge import retain_texts
from index.manifest import KIND, Manifest, ManifestEncoder, SnapshotError, read_manifest
from index.passage import BuildError as BuildError
from index.probes import Asker
from index.progress import Progress, silent
from index.segment.batches import Namer, batches
from index.segment.compiling import Compiler
from index.segment.kept import Kept
from index.segment.merge import Laid, Merged, Said, merge
from index.segment.part import Part
from index.segment.settings import Settings
from index.segment.store import SegmentStore
from index.vectors import Built
from index.vectors_build import build_vectors
from policy.digest import contents_digest
from policy.entry import Entry
from policy.policy import Policy


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
    KIND.check(folder)
    ground = ground if ground.anew else replace(ground, kept=last_given(folder, key))
    before = _parts(folder)
    with SegmentStore(folder, key).alone() as store:
        names = _compile(policy, store, key, progress)
        with keep_rows(kept_file(folder), encoder, key) as kept:
            built = _vectors(policy, key, encoder, progress, asker, ground, kept)
        semantics = _Semantics(built, encoder, ground)
        said = Said(commitment(key, contents_digest(policy)), tuple(names))
        parts = [Part(store.open(name)) for name in names]
        progress("merging", 0, 1)
        manifest = merge(parts, folder, key, Settings.of(policy), said, semantics.lay)
        progress("merging", 1, 1)
        # Somebody may be merging onto the last generation right now.
        store.sweep({*names, *before})
    return manifest


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
    current = hmac.compare_digest(manifest.contents, commitment(key, contents_digest(policy)))
    return not (current and same_encoder(found, expected))


def _parts(folder: Path) -> tuple[str, ...]:
    try:
        return read_manifest(folder).parts
    except SnapshotError:
        return ()


def _compile(policy: Policy, store: SegmentStore, key: bytes, report: Progress) -> list[str]:
    """The names of the segments of all entries, in order; those that are there already stay as they are."""
    retain, settings = retain_texts(policy.entries), Settings.of(policy)
    namer, compiler = Namer(settings, retain, key), Compiler(settings, Kept(retain, key), key)
    names: list[str] = []
    done, total = 0, sum(len(entry.passages) for entry in policy.entries)
    for batch in batches(policy.entries):
        names.append(namer.name(batch))
        if store.find(names[-1]) is None:
            store.put(names[-1], compiler.segment(batch.stretches))
        done += batch.passages
        report("hashing passages", done, total)
    return names


@dataclass(frozen=True, slots=True)
class _Semantics:
    """What the encoder has told, and what was given by hand."""

    built: Built | None
    encoder: Encoder | None
    ground: Ground

    def lay(self, ids: Sequence[str], draft: Path) -> Merged:
        given = self.built.given if self.built is not None else self.ground.kept
        if given is not None:
            given.save(draft)
        if self.built is None or self.encoder is None:
            return Laid((0,) * len(ids))
        self.built.save(draft)
        described = ManifestEncoder(
            name=self.encoder.name, fingerprint=self.encoder.fingerprint, dimension=self.encoder.dimension
        )
        return Laid(tuple(self.built.vectors.counts), self.built.calibration.as_json(), described)


def _vectors(
    policy: Policy,
    key: bytes,
    encoder: Encoder | None,
    report: Progress,
    asker: Asker | None,
    ground: Ground,
    kept: KeptRows | None,
) -> Built | None:
    if encoder is None or policy.semantic is None:
        return None
    names = _names(policy.entries)
    rate = policy.semantic.false_positive_rate
    stage = partial(_stage, report)
    return build_vectors(policy.entries, encoder, key, rate, names, stage, asker, ground, kept)


def _names(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    return [(*one.names, *found.names) for one, found in zip(entries, derive_all(entries), strict=True)]


def _stage(report: Progress, stage: str) -> None:
    report(stage, 1, 1)
