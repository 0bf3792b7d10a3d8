"""Merges forget requests onto the snapshot of a policy.

Rule: always onto the policy's own snapshot, never onto a merged one; so a request that no longer counts
leaves nothing behind.
"""

from collections.abc import Sequence
from pathlib import Path

from index.manifest import Manifest, read_manifest
from index.segment.below import Below
from index.segment.error import SegmentError
from index.segment.merge import Merged as Merged
from index.segment.merge import Said, Semantic, merge, no_semantics
from index.segment.part import Part
from index.segment.store import parts_of


def merge_onto(
    base: Path,
    parts: Sequence[Part],
    folder: Path,
    key: bytes,
    ledger: int | None = None,
    semantic: Semantic | None = None,
    *,
    lasting: bool = True,
) -> Manifest:
    """The next generation of the snapshot in `folder`: what is in `base` and then these parts. `ledger`: the
    last record of the ledger that they come from. `lasting`: as `publish` says.

    Raises SnapshotError where the base cannot be used, and SegmentError where the parts cannot.
    """
    segments = parts_of(base, key)
    if not segments:
        raise SegmentError(f"{base}: expected the segments of a policy, found none; build it again")
    settings = segments[0].header.settings
    own = read_manifest(base)
    said = Said(own.contents, (), ledger, own.generation)
    every = [*map(Part, segments), *parts]
    return merge(every, folder, key, settings, said, semantic or no_semantics, lasting=lasting)


def merge_above(
    below: Below,
    under: Sequence[Part],
    parts: Sequence[Part],
    folder: Path,
    key: bytes,
    ledger: int | None = None,
    semantic: Semantic | None = None,
) -> Manifest:
    """The same, quicker, and not lasting: what is `below` stays as it is, and these parts are laid above it.
    `under`: the segments that it was merged from, with what is now said about their entries.
    """
    own = below.snapshot.manifest
    settings = below.segments[0].header.settings
    said = Said(own.contents, (), ledger, below.snapshot.policy_generation)
    every = [*under, *parts]
    return merge(every, folder, key, settings, said, semantic or no_semantics, lasting=False, below=below)
