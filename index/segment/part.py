"""A segment as it goes into a snapshot: with what is now said about its entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from index.manifest import ManifestEntry
from index.segment.segment import Segment


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom an entry binds, since when and until when; of which share of the traffic; `monitored`: it is found
    and told, and nothing is withheld.
    """

    models: tuple[str, ...] = ("*",)
    keys: tuple[str, ...] = ("*",)
    start: datetime | None = None
    end: datetime | None = None
    share: float = 1.0
    monitored: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """`standing` by entry; what the entry itself said where it is not named."""

    segment: Segment
    standing: Mapping[str, Standing] = field(default_factory=dict)

    def entries(self) -> tuple[ManifestEntry, ...]:
        return tuple(map(self._entry, self.segment.entries))

    def _entry(self, entry: ManifestEntry) -> ManifestEntry:
        stands = self.standing.get(entry.id)
        if stands is None:
            return entry
        return entry.model_copy(
            update={
                "models": stands.models,
                "keys": stands.keys,
                "start": stands.start,
                "end": stands.end,
                "share": stands.share,
                "monitored": stands.monitored,
            }
        )
