"""What the conversation itself supplied: that may be repeated where policy allows it, word for word.

Rule: an assistant turn supplies nothing, because a client can forge one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from filters.joined import Joined
from filters.segment import Segment
from filters.sightings import Sighting, Sightings
from index.rolling import Hashes
from policy.finding import Detector
from policy.surface import Role

Roles = frozenset[Role]
_NONE: Roles = frozenset()


@dataclass(frozen=True, slots=True)
class Supplied:
    """`seen` maps the key of each string to the roles whose text holds it whole, `named` an entry's place to
    those that name it. `words` are all units that were supplied, `pairs` those of passages.
    """

    seen: Mapping[int, Roles]
    named: Mapping[int, Roles]
    words: "Words"
    pairs: frozenset[int] = frozenset()

    @staticmethod
    def nothing() -> "Supplied":
        return Supplied({}, {}, Words(np.empty(0, dtype=np.uint64)))

    @staticmethod
    def of(segments: Sequence[Segment], sightings: Sightings) -> "Supplied":
        seen = _by(((sighting.key, sighting) for sighting in sightings.found), segments)
        names = (seen for seen in sightings.found if seen.detector is Detector.NAME and not seen.shared)
        named = _by(((sighting.place, sighting) for sighting in names), segments)
        words = sightings.words
        given = list(_given(segments, words))
        hashes = words.hashes if all(given) else words.hashes[words.of_segments(given)]
        return Supplied(seen, named, Words(hashes), sightings.given)

    def has_word(self, word: int) -> bool:
        """Whether the unit of this hash stands in the supplied text."""
        return word in self.words


@dataclass(slots=True)
class Words:
    """Hashes of units. They are put in order for the first question, because few prompts are asked any."""

    _hashes: Hashes
    _in_order: bool = False

    def __contains__(self, word: int) -> bool:
        if not self._in_order:
            self._hashes, self._in_order = np.sort(self._hashes), True
        place = int(np.searchsorted(self._hashes, np.uint64(word)))
        return place < len(self._hashes) and int(self._hashes[place]) == word


def _given(segments: Sequence[Segment], words: Joined) -> Iterator[bool]:
    """For each text of the units whether it supplies them: a code says what it says, as plain words do."""
    supplies = [segment.role is not Role.ASSISTANT for segment in segments]
    yield from supplies
    for reading in words.also:
        # Each stands behind a barrier.
        yield from (False, all(supplies[segment] for segment in reading.segments))


def roles_of(sighting: Sighting, segments: Sequence[Segment]) -> Roles:
    """The roles whose text supplies the string; only the assistant where any of it is the assistant's."""
    roles = frozenset(segments[part.segment].role for part in sighting.parts)
    return frozenset({Role.ASSISTANT}) if Role.ASSISTANT in roles else roles


def _by(found: Iterable[tuple[int, Sighting]], segments: Sequence[Segment]) -> dict[int, Roles]:
    roles: dict[int, Roles] = {}
    for key, sighting in found:
        roles[key] = roles.get(key, _NONE) | roles_of(sighting, segments)
    return roles
