"""Every forgotten string that a prompt contains, also one that is cut over several messages.

Rule: a string is looked for in all messages in their order, and in those of each role alone, so that neither
the end of a message nor a "Go on." in between hides it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from filters.covering import widened
from filters.forgotten import Forgotten, is_strong
from filters.joined import Joined, Part, Places
from filters.near import count_runs
from filters.segment import Segment
from index.pattern_table import Found as Hit
from index.pattern_table import PatternTable
from index.units import Unit, digits, units
from policy.finding import Detector
from policy.surface import Role


@dataclass(frozen=True, slots=True)
class Sighting:
    """A string of the entry at `place`. A weak one counts only when something else makes the entry active.

    `near`: it is only what comes near a window.
    """

    place: int
    detector: Detector
    key: int
    strong: bool
    parts: tuple[Part, ...]
    near: bool = False


@dataclass(frozen=True, slots=True)
class Sightings:
    """`words` are the prompt's units, for what else is asked about them. `near` counts the near-hits."""

    found: tuple[Sighting, ...]
    words: Joined
    near: int


def look(forgotten: Forgotten, segments: Sequence[Segment], *, near_is_hit: bool) -> Sightings:
    snapshot = forgotten.snapshot
    texts = [segment.text for segment in segments]
    words = Joined.of(texts, units, snapshot.word_hash)
    numbers = Joined.of(texts, _figures, snapshot.word_hash)
    passages = [
        (places, hit)
        for places, hit in _hits(words, segments, snapshot.passages)
        if forgotten.window_entry(hit.owner) is not None
    ]
    found = [
        *(_window(forgotten, words, places, hit) for places, hit in passages if near_is_hit or not hit.near),
        *_sightings(forgotten, words, segments, snapshot.phrases, _phrase),
        *_sightings(forgotten, numbers, segments, snapshot.digits, _phrase),
    ]
    near = [places.tolist() for places, hit in passages if hit.near]
    whole = [places.tolist() for places, hit in passages if not hit.near and near]
    return Sightings(tuple(filter(None, found)), words, count_runs(near, whole))


def _figures(text: str) -> list[Unit]:
    figures = digits(text)
    return widened(figures, units(text)) if figures else figures


_Meaning = Callable[[Forgotten, Joined, Places, Hit], Sighting | None]


def _window(forgotten: Forgotten, joined: Joined, places: Places, hit: Hit) -> Sighting | None:
    place = forgotten.window_entry(hit.owner)
    if place is None:
        return None
    return Sighting(place, Detector.VERBATIM, hit.digest, True, joined.parts(places), hit.near)


def _phrase(forgotten: Forgotten, joined: Joined, places: Places, hit: Hit) -> Sighting | None:
    phrase = forgotten.phrase(hit.owner, joined.are_capital(places))
    if phrase is None:
        return None
    return Sighting(phrase.entry, phrase.detector, hit.digest, is_strong(phrase), joined.parts(places))


def _sightings(
    forgotten: Forgotten, joined: Joined, segments: Sequence[Segment], table: PatternTable, meaning: _Meaning
) -> Iterator[Sighting]:
    hits = _hits(joined, segments, table)
    yield from filter(None, (meaning(forgotten, joined, places, hit) for places, hit in hits))


def _hits(joined: Joined, segments: Sequence[Segment], table: PatternTable) -> Iterator[tuple[Places, Hit]]:
    if not table.lengths or not len(joined.hashes):
        return
    everything = np.arange(len(joined.hashes))
    for hit in table.find(joined.hashes):
        yield everything[hit.start : hit.start + hit.length], hit
    for view in _views(joined, segments):
        for hit in table.find(joined.hashes[view]):
            places = view[hit.start : hit.start + hit.length]
            if places[-1] - places[0] >= hit.length:  # what stands together was seen already
                yield places, hit


def _views(joined: Joined, segments: Sequence[Segment]) -> Iterator[Places]:
    """The units of each role that speaks more than once with another in between."""
    for role in Role:
        spoken = [place for place, segment in enumerate(segments) if segment.role is role]
        if spoken and spoken[-1] - spoken[0] >= len(spoken):
            yield joined.of_segments([segment.role is role for segment in segments])
