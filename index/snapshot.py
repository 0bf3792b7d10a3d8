"""The compiled, immutable, searchable form of all entries at one generation.

A snapshot is a folder: manifest.json, and a folder of arrays named after the generation. A build writes a new
folder of arrays and then replaces the manifest, so that whoever reads finds the old snapshot or the new one,
whole. Nothing of the forgotten text can be read in it. Arrays are memory-mapped: processes share one copy.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.anchors import Anchors, no_anchors
from index.calibration import Calibration
from index.checked import Checked
from index.checked import describe as describe
from index.fingerprint import same_encoder
from index.key import commitment, entry_number, subkey
from index.letters import LetterTable
from index.levels import Joined, levels, mapped
from index.loose_build import no_names
from index.loose_names import LooseNames
from index.manifest import Manifest, ManifestEntry, ManifestFile, SnapshotError, read_manifest
from index.names import DETECTORS, DIGITS, FACTS, OWNERS, PASSAGES, PHRASES
from index.pair_table import PairTable
from index.pattern_table import PatternTable
from index.rolling import WordHash
from index.shares import WHOLE, Shared, Shares
from index.traits import Traits
from policy.digest import contents_digest
from policy.entry import Force, Model, Reason
from policy.finding import Detector
from policy.policy import Policy

__all__ = ["Phrase", "Snapshot", "SnapshotEntry", "SnapshotError"]


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """An entry without its content, with the counts of what is looked for."""

    id: str
    reason: Reason
    models: tuple[str, ...]
    keys: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    windows: int
    names: int
    secrets: int
    vectors: int
    share: float = WHOLE
    monitored: bool = False

    @property
    def force(self) -> Force:
        return Force(self.models, self.start, self.end, self.keys)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name or a secret, by what it is. `bits` are whole and at most 30: finer ones would help to guess.

    `apart` and `fact`: how much it tells without its subject (see `index.telling`).
    """

    entry: int
    detector: Detector
    bits: float
    cased: bool
    derived: bool
    apart: int
    fact: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`passage_entry` names the entry of each owner in `passages`; owners in the others are phrases.

    `places` says where in `entries` the entry of an id is; `traits`, which tables a word matters to. Where
    entries are monitored, they alone are in force: such a snapshot tells what would be done.
    """

    folder: Path
    manifest: Manifest
    entries: tuple[SnapshotEntry, ...]
    passages: PatternTable
    phrases: PatternTable
    digits: PatternTable
    letters: LetterTable
    pairs: PairTable
    word_hash: WordHash
    passage_entry: Sequence[int]
    _facts: NDArray[np.uint32]
    _key: bytes = field(default=b"", repr=False)
    loose: LooseNames = field(default_factory=no_names)
    anchors: Anchors = field(default_factory=no_anchors)
    traits: Traits = field(init=False)
    places: Mapping[str, int] = field(init=False)
    _by_force: Mapping[Force, frozenset[int]] = field(init=False)
    _shares: Shares = field(init=False)

    def __post_init__(self) -> None:
        by_force: dict[Force, list[int]] = {}
        shared: list[Shared] = []
        monitored = self.monitored
        for place, entry in enumerate(self.entries):
            if entry.monitored != monitored:
                continue
            if entry.share == WHOLE:
                by_force.setdefault(entry.force, []).append(place)
            else:
                shared.append(Shared(place, self.number(place), entry.force, entry.share))
        traits = Traits(self.phrases, self.loose.words, self.pairs, self.word_hash)
        object.__setattr__(self, "traits", traits)
        object.__setattr__(self, "places", {entry.id: place for place, entry in enumerate(self.entries)})
        object.__setattr__(
            self, "_by_force", {force: frozenset(places) for force, places in by_force.items()}
        )
        object.__setattr__(self, "_shares", Shares(self._key, shared))

    @property
    def monitored(self) -> bool:
        """Whether it tells what would be done, and does nothing."""
        return any(entry.monitored for entry in self.entries)

    @property
    def is_shared(self) -> bool:
        """Whether an entry binds a share of the traffic: who asks must then be told."""
        return bool(self._shares)

    def number(self, place: int) -> int:
        return entry_number(self._key, self.entries[place].id)

    def session(self, names: tuple[str, ...]) -> bytes:
        """A keyed digest of who a session belongs to. Each name is read apart from the next."""
        said = json.dumps(names).encode()
        return blake2b(said, key=subkey(self._key, "sessions"), digest_size=16).digest()

    def in_force(self, model: Model, now: datetime) -> frozenset[int]:
        """The places of the entries that bind this model, asked by this key, now (aware)."""
        # Asked for each request: many entries have few different forces, mostly a single one.
        bound = [places for force, places in self._by_force.items() if force.binds(model, now)]
        if self._shares:
            bound.append(self._shares.binding(model, now))
        return bound[0] if len(bound) == 1 else frozenset().union(*bound)

    @property
    def generation(self) -> int:
        return self.manifest.generation

    @property
    def policy_generation(self) -> int:
        """Of the policy's own snapshot, which all else that is made of the policy goes with."""
        base = self.manifest.base
        return self.generation if base is None else base

    @property
    def place(self) -> tuple[Path, bytes]:
        """What another process loads it by: the folder and the key."""
        return self.folder.parent, self._key

    def commit(self, digest: str) -> str:
        """A policy's digest as it may stand in logs."""
        return commitment(self._key, digest)

    def is_of(self, policy: Policy) -> bool:
        """Whether it was built from this policy's entries and detectors."""
        return hmac.compare_digest(self.commit(contents_digest(policy)), self.manifest.contents)

    @property
    def calibration(self) -> Calibration | None:
        found = self.manifest.calibration
        return None if found is None else Calibration.from_json(found)

    def phrase(self, owner: int) -> Phrase:
        entry, detector, bits, cased, derived, apart, fact = self._facts[owner].tolist()
        return Phrase(entry, DETECTORS[detector], float(bits), bool(cased), bool(derived), apart, fact)

    def check_encoder(self, fingerprint: str) -> None:
        """Refuse an encoder other than the one whose vectors and thresholds these are."""
        built = self.manifest.encoder
        expected = None if built is None else built.fingerprint
        if not same_encoder(expected, fingerprint):
            raise SnapshotError(
                f"expected encoder {expected}, found {fingerprint}; build the snapshot again with it"
            )

    @classmethod
    def load(cls, folder: Path, key: bytes, checked: Checked | None = None) -> "Snapshot":
        """Raises SnapshotError for a missing, foreign, damaged or changed snapshot and for another key.
        `checked`: what need not be read once more.
        """
        manifest = read_manifest(folder)
        manifest.check(key)
        arrays = folder / str(manifest.generation)
        check_files(arrays, manifest.files, checked=checked)
        try:
            return _open(arrays, manifest, key)
        except (ValueError, OSError, KeyError, TypeError) as error:
            raise SnapshotError(f"{arrays}: cannot be read ({error}); build it again") from error


def check_files(
    arrays: Path,
    files: Mapping[str, ManifestFile],
    command: str = "unsay index build",
    checked: Checked | None = None,
) -> None:
    """Every file that a manifest names is there as it was written, and no other. `command` makes them.
    `checked`: what need not be read once more.
    """
    checked = Checked() if checked is None else checked
    if not arrays.is_dir():
        raise SnapshotError(f"{arrays}: missing; run again: {command}")
    for name, expected in files.items():
        fault = checked.fault(arrays / name, expected)
        if fault is not None:
            raise SnapshotError(f"{arrays / name}: {fault}; run again: {command}")
    for path in sorted(arrays.rglob("*")):
        name = path.relative_to(arrays).as_posix()
        if name not in files and not (path.is_dir() and any(one.startswith(f"{name}/") for one in files)):
            raise SnapshotError(f"{path}: not among the files of the manifest; remove it or run: {command}")


def _open(arrays: Path, manifest: Manifest, key: bytes) -> Snapshot:
    passages, phrases, digits = (PatternTable.load(arrays, name, key) for name in (PASSAGES, PHRASES, DIGITS))
    letters, pairs, word_hash = LetterTable.load(arrays, key), PairTable.load(arrays, key), WordHash(key)
    facts, owners = mapped(arrays, FACTS), Joined([mapped(level, OWNERS) for level in levels(arrays)])
    entries = tuple(map(_entry, manifest.entries))
    loose, anchors = LooseNames.load(arrays, key), Anchors.load(arrays, key)
    tables = passages, phrases, digits, letters, pairs
    return Snapshot(arrays, manifest, entries, *tables, word_hash, owners, facts, key, loose, anchors)


def _entry(found: ManifestEntry) -> SnapshotEntry:
    return SnapshotEntry(
        id=found.id,
        reason=found.reason,
        models=found.models,
        keys=found.keys,
        start=found.start,
        end=found.end,
        windows=found.windows,
        names=found.names,
        secrets=found.secrets,
        vectors=found.vectors,
        share=found.share,
        monitored=found.monitored,
    )
