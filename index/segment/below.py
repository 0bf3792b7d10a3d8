"""A snapshot that another level is laid above."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.anchors import ANCHORS
from index.letters import PASSAGES as LETTER_PASSAGES
from index.letters import STRINGS
from index.levels import BELOW
from index.loose_names import INITIALS, NAMES, SHARED
from index.manifest import ManifestFile
from index.names import DIGITS, OWNERS, PASSAGES, PHRASES
from index.pair_table import NAME as PAIRS
from index.segment.error import SegmentError
from index.segment.segment import Segment
from index.segment.store import parts_of
from index.snapshot import Snapshot

# What is not laid whole above it.
_TABLES = frozenset(
    (ANCHORS, DIGITS, INITIALS, LETTER_PASSAGES, NAMES, OWNERS, PAIRS, PASSAGES, PHRASES, SHARED, STRINGS)
)


@dataclass(frozen=True, slots=True)
class Below:
    """`segments`: all that it was merged from, in order. It has no level below itself."""

    snapshot: Snapshot
    segments: Sequence[Segment]

    @staticmethod
    def of_policy(snapshot: Snapshot) -> "Below":
        """The snapshot of a policy. Raises SegmentError."""
        folder, key = snapshot.place
        segments = parts_of(folder, key)
        if not segments:
            raise SegmentError(f"{folder}: expected the segments of a policy, found none; build it again")
        return Below(snapshot, segments)

    @property
    def folder(self) -> Path:
        return self.snapshot.folder

    @property
    def passages(self) -> int:
        return len(self.snapshot.passage_entry)

    def link(self, folder: Path) -> None:
        """Another name for each array, which is written once; so it lasts as long as whoever needs it."""
        folder.mkdir(mode=0o700)
        for name in self._names():
            os.link(self.folder / name, folder / name)

    def files(self) -> dict[str, ManifestFile]:
        """As a manifest names them."""
        return {f"{BELOW}/{name}": self.snapshot.manifest.files[name] for name in self._names()}

    def _names(self) -> list[str]:
        return [name for name in self.snapshot.manifest.files if name.split(".")[0] in _TABLES]
