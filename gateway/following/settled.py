"""What is below the requests that came lately: the policy's snapshot, or one of it and of earlier requests.

Rules: what is below is made anew apart from what serves, and only then put in its place; so no request waits
for all those before it. An earlier request that is no longer enforced is out of force at once, and nothing of
it is left when what is below is made the next time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from gateway.following.folder import Folder
from index.segment.below import Below
from index.segment.onto import merge_onto
from index.segment.part import Part, Standing
from index.segment.segment import Segment
from index.snapshot import Snapshot

# So many passages, or such a part of those below, may lie above them.
MOST_ABOVE, PART_ABOVE = 500, 1 / 16
ENDED = Standing(end=datetime.fromtimestamp(0, UTC))


@dataclass(frozen=True, slots=True)
class Settled:
    """`own`: the policy's segments. `requests`: those of the requests in it, by the SHA-256 of each."""

    below: Below
    own: Sequence[Segment]
    requests: Mapping[str, Segment]

    @staticmethod
    def of_policy(base: Snapshot) -> "Settled":
        below = Below.of_policy(base)
        return Settled(below, below.segments, {})

    def under(self, parts: Mapping[str, Part]) -> list[Part]:
        """What was merged, with what is said now about whom it binds: by these parts, or nobody."""
        ended = {
            name: Part(segment, dict.fromkeys(_ids([segment]), ENDED))
            for name, segment in self.requests.items()
            if name not in parts
        }
        return [*map(Part, self.own), *(parts.get(name) or ended[name] for name in self.requests)]

    def fits(self, parts: Mapping[str, Part]) -> bool:
        """Whether no entry has come anew that was settled in another form."""
        gone = [segment for name, segment in self.requests.items() if name not in parts]
        came = [part.segment for name, part in parts.items() if name not in self.requests]
        return not set(_ids(gone)) & set(_ids(came))

    def is_outgrown(self, enforced: Mapping[str, Part]) -> bool:
        """Whether it is time to make it anew of these."""
        above = (part for name, part in enforced.items() if name not in self.requests)
        passages = sum(entry.passages for part in above for entry in part.segment.entries)
        most = max(MOST_ABOVE, self.below.passages * PART_ABOVE)
        return passages > most or not self.requests.keys() <= enforced.keys()


def settle(own: Settled, parts: Mapping[str, Part], folder: Folder, key: bytes) -> Settled:
    """The policy's snapshot with these requests. Raises SnapshotError and SegmentError."""
    merge_onto(own.below.snapshot.place[0], list(parts.values()), folder.settled, key, lasting=False)
    snapshot = Snapshot.load(folder.settled, key, folder.checked)
    requests = {name: part.segment for name, part in parts.items()}
    return Settled(Below(snapshot, [*own.own, *requests.values()]), own.own, requests)


def _ids(segments: Collection[Segment]) -> Iterable[str]:
    return chain.from_iterable((entry.id for entry in segment.entries) for segment in segments)
