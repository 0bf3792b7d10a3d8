"""Evidence is everything found about one entry in one conversation, added up over all its messages.

Rule: it carries counts and scores, never text; it is made for the audit, for session memory and for deciding
whether an answer's sentences are worth judging.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from filters.forgotten import Forgotten
from filters.segment import Segment
from filters.sightings import Sighting
from policy.finding import Detector
from policy.surface import Role


@dataclass(frozen=True, slots=True)
class Heard:
    """What the judge said about one entry: its best score, and the roles whose text came near."""

    score: float
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`place` is the entry's place in the snapshot; counts are of different strings, not of sightings.

    `coverage` is the share of the entry's forgotten windows that the conversation contains; `semantic` is the
    best score of the judge, minus infinity when nothing was judged or nothing came near.
    """

    entry: str
    place: int
    names: int
    secrets: int
    windows: int
    coverage: float
    semantic: float
    roles: frozenset[Role]


def add_up(
    forgotten: Forgotten,
    segments: Sequence[Segment],
    sightings: Sequence[Sighting],
    heard: Mapping[int, Heard],
) -> tuple[Evidence, ...]:
    """One page of evidence for every entry that anything points to."""
    by_place: dict[int, list[Sighting]] = {place: [] for place in heard}
    for sighting in sightings:
        by_place.setdefault(sighting.place, []).append(sighting)
    return tuple(
        _evidence(forgotten, segments, place, by_place[place], heard.get(place)) for place in sorted(by_place)
    )


def _evidence(
    forgotten: Forgotten,
    segments: Sequence[Segment],
    place: int,
    found: Sequence[Sighting],
    heard: Heard | None,
) -> Evidence:
    entry = forgotten.snapshot.entries[place]
    counts = {
        detector: len({seen.key for seen in found if seen.detector is detector and not seen.near})
        for detector in Detector
    }
    windows = counts[Detector.VERBATIM]
    roles = {segments[part.segment].role for seen in found for part in seen.parts}
    return Evidence(
        entry=entry.id,
        place=place,
        names=counts[Detector.NAME],
        secrets=counts[Detector.SECRET],
        windows=windows,
        coverage=min(1.0, windows / entry.windows) if entry.windows else 0.0,
        semantic=heard.score if heard else -inf,
        roles=frozenset(roles) | (heard.roles if heard else frozenset()),
    )
