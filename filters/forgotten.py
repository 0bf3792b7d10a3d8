"""What a match means: which entry it belongs to, and whether that entry binds this model at this time.

Rule: an entry that is not in force is nowhere found, neither in a prompt nor in an answer.
"""

from dataclasses import dataclass
from datetime import datetime

from filters.matcher import Match
from index.snapshot import Phrase, Snapshot
from policy.entry import Model
from policy.finding import Detector, Finding, Span

# Below this many bits a secret is an ordinary word ("Paris"): alone it tells nothing.
STRONG_BITS = 30.0


@dataclass(frozen=True, slots=True)
class Forgotten:
    snapshot: Snapshot
    in_force: frozenset[int]

    @staticmethod
    def now(snapshot: Snapshot, model: Model, now: datetime) -> "Forgotten":
        return Forgotten(snapshot, snapshot.in_force(model, now))

    def id(self, place: int) -> str:
        return self.snapshot.entries[place].id

    def window_entry(self, owner: int) -> int | None:
        """The entry in force whose passage holds the window."""
        place = self.snapshot.passage_entry[owner]
        return place if place in self.in_force else None

    def phrase(self, owner: int, capitals: bool) -> Phrase | None:
        """The phrase in force, unless it is an ordinary word that counts only where it is capitalised."""
        phrase = self.snapshot.phrase(owner)
        if phrase.entry not in self.in_force or (phrase.cased and not capitals):
            return None
        return phrase

    def window(self, match: Match) -> Finding | None:
        place = self.window_entry(match.owner)
        return None if place is None else self.finding(place, Detector.VERBATIM, match)

    def finding(self, place: int, detector: Detector, match: Match) -> Finding:
        return Finding(self.id(place), detector, Span(match.start, match.end), 1.0, match.key)


def is_strong(phrase: Phrase) -> bool:
    """A name, or a secret that nobody says by chance: it counts wherever it stands."""
    return phrase.detector is Detector.NAME or phrase.bits >= STRONG_BITS
