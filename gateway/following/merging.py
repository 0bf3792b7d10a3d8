"""From the policy's snapshot and the segments that the ledger wants to the snapshots that are served.

Rules: what is only monitored goes into a snapshot of its own, so that what serves is the same, byte for byte
and moment for moment, as if nothing were monitored. A segment that cannot be used keeps no other out; whether
it may stay out, whoever asks must say.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.following.folder import Folder
from gateway.following.settled import Settled, settle
from gateway.following.standing import Made
from gateway.following.wanted import Wanted, Wish
from index.segment.error import SegmentError
from index.segment.merge import Merged
from index.segment.onto import merge_above
from index.segment.part import Part, Standing
from index.segment.segment import Segment
from index.semantic_blob import SemanticSegmentError, from_bytes
from index.semantic_merge import merge_vectors
from index.semantic_segment import SemanticSegment
from index.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Usable:
    """A wish with its segment. `semantic`: None while it is being made, where it is unusable, and where the
    policy wants none.
    """

    wish: Wish
    part: Part
    semantic: SemanticSegment | None


@dataclass(frozen=True, slots=True)
class Levels:
    """`policy`: its snapshot alone. `settled`: what the latest requests are laid above."""

    policy: Settled
    settled: Settled

    @staticmethod
    def of(base: Snapshot) -> "Levels":
        policy = Settled.of_policy(base)
        return Levels(policy, policy)

    @property
    def base(self) -> Snapshot:
        return self.policy.below.snapshot


def merge(levels: Levels, wanted: Wanted, folder: Folder, key: bytes, may_miss: Collection[str]) -> Made:
    """The next generations. Raises SnapshotError, or SegmentError where the words of a request cannot be used
    that may not miss; the last generations then stay.
    """
    gathering = Gathering(levels, folder, key)
    usable = gathering.usable(wanted.wishes)
    for request, why in gathering.missed.items():
        if request not in may_miss:
            raise SegmentError(f"request {request}: {why}")
    enforced = [one for one in usable if not one.wish.monitored]
    into = partial(_merge, levels, key=key, sequence=wanted.sequence)
    monitored = into(usable, folder.monitored) if wanted.monitors else None
    missed = *gathering.missed, *gathering.unjudged
    outgrown = levels.settled.is_outgrown(_parts(enforced))
    return Made(into(enforced, folder.enforced), monitored, missed, outgrown)


def settled(levels: Levels, wanted: Wanted, folder: Folder, key: bytes) -> Levels:
    """What is enforced, all of it below. Raises SnapshotError and SegmentError."""
    usable = Gathering(levels, folder, key).usable(wanted.wishes)
    parts = _parts([one for one in usable if not one.wish.monitored])
    return Levels(levels.policy, settle(levels.policy, parts, folder, key))


def _parts(usable: Iterable[Usable]) -> dict[str, Part]:
    return {one.wish.exact: one.part for one in usable}


class Gathering:
    """`missed`: the requests that cannot go in, and why not. `unjudged`: those that go in without vectors."""

    def __init__(self, levels: Levels, folder: Folder, key: bytes) -> None:
        self._base, self._folder, self._key = levels.base, folder, key
        self._settled = levels.settled.requests
        self._known = set(levels.base.places)
        self.missed: dict[str, str] = {}
        self.unjudged: list[str] = []

    def usable(self, wishes: Iterable[Wish]) -> list[Usable]:
        found = []
        for wish in wishes:
            try:
                part = self._part(wish)
            except SegmentError as error:
                self.missed[wish.request] = str(error)
            else:
                found.append(Usable(wish, part, self._semantic(wish)))
        return found

    def _part(self, wish: Wish) -> Part:
        segment, force = self._segment(wish.exact), wish.force
        settings, own = segment.header.settings, self._base.manifest
        if (settings.window, settings.reveal) != (own.window, own.reveal):
            raise SegmentError("expected one of the policy's detectors, found another; compile it again")
        ids = {entry.id for entry in segment.entries}
        if known := ids & self._known:
            raise SegmentError(f"entry {min(known)}: expected an id of its own, found it twice")
        self._known |= ids
        standing = Standing(
            force.models, force.keys, force.start, force.end, share=wish.share, monitored=wish.monitored
        )
        return Part(segment, dict.fromkeys(ids, standing))

    def _segment(self, name: str) -> Segment:
        known = self._settled.get(name)
        return Segment.from_bytes(self._bytes(name), self._key) if known is None else known

    def _semantic(self, wish: Wish) -> SemanticSegment | None:
        encoder = self._base.manifest.encoder
        if encoder is None or wish.semantic is None:
            return None
        try:
            segment = from_bytes(bytes(self._bytes(wish.semantic)), self._key)
        except (SemanticSegmentError, SegmentError):
            segment = None
        if segment is None or segment.encoder != encoder.fingerprint:
            self.unjudged.append(wish.request)
            return None
        return segment

    def _bytes(self, name: str) -> memoryview:
        data = self._folder.segment(name)
        if data is None:
            raise SegmentError(f"segment {name}: expected it in {self._folder.path}, found none")
        return data


def _merge(levels: Levels, usable: Sequence[Usable], to: Path, *, key: bytes, sequence: int) -> int:
    base, parts = levels.base, _parts(usable)
    segments = [one.semantic for one in usable if one.semantic is not None]

    def semantic(ids: Sequence[str], draft: Path) -> Merged:
        return merge_vectors(base, ids, segments, draft)

    # Where the policy wants no vectors there are none.
    judged = None if base.manifest.encoder is None else semantic
    below = levels.settled if levels.settled.fits(parts) else levels.policy
    above = [part for name, part in parts.items() if name not in below.requests]
    made = merge_above(below.below, below.under(parts), above, to, key, ledger=sequence, semantic=judged)
    return made.generation
