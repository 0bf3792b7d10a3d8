"""Weak strings add up: a birthplace, a year and a trade say who is meant, also under another name or none.

Rules:
1. Each fact counts once, however often and in whichever words it is said, and wherever: in all messages of
   all roles, and in earlier requests of the same session.
2. An entry is active when its facts come to 30 bits, as the language goes; and when, of innocent texts as
   long as this one, one in RARE says as much about any entry; and of texts about neighbours one in SHARED.
3. Two facts are never enough, and of an entry that has many facts some are said by chance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb, log2

from filters.forgotten import STRONG_BITS, Forgotten
from filters.pieces import Piece
from filters.sightings import Sighting
from index.telling import EIGHTHS

RARE = 1000
SHARED = 100
LEAST_FACTS = 3
# As many words as a session is taken to have said besides.
SESSION_WORDS = 2048


def told(forgotten: Forgotten, sightings: Iterable[Sighting]) -> dict[int, list[Piece]]:
    """By place: the facts that weak strings say, once each."""
    by_place: dict[int, list[Sighting]] = {}
    for sighting in sightings:
        if sighting.phrase is not None and not sighting.strong:
            by_place.setdefault(sighting.place, []).append(sighting)
    return {place: list(_facts(forgotten, place, weak)) for place, weak in by_place.items()}


def _facts(forgotten: Forgotten, place: int, weak: Sequence[Sighting]) -> Iterator[Piece]:
    """Of strings that share a place in the text only the one that tells most."""
    owner = forgotten.snapshot.number(place)
    taken: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for sighting in sorted(weak, key=_tells, reverse=True):
        phrase = sighting.phrase
        assert phrase is not None
        here = {(part.segment, at) for part in sighting.parts for at in range(part.start, part.end)}
        if phrase.fact in seen or here & taken:
            continue
        seen.add(phrase.fact)
        taken |= here
        yield Piece(owner, phrase.fact, int(phrase.bits), phrase.apart)


def _tells(sighting: Sighting) -> float:
    return sighting.phrase.bits if sighting.phrase is not None else 0.0


@dataclass(frozen=True, slots=True)
class Chance:
    """What makes that facts are said by chance: how many entries there are, how many facts this one has, and
    how many words were said.
    """

    entries: int
    facts: int
    words: int

    def bits(self, count: int, *, more_words: int) -> tuple[float, float]:
        """What one of so many facts must be rarer by, and all together."""
        choices = log2(comb(max(self.facts, count), count))
        return log2(max(2, self.words + more_words)), log2(RARE * self.entries) + choices


def identifies(facts: Sequence[Piece], remembered: Sequence[Piece], chance: Chance) -> bool:
    """Whether these facts of one entry say who is meant."""
    known = {piece.piece: piece for piece in (*remembered, *facts)}.values()
    if len(known) < LEAST_FACTS or sum(piece.bits for piece in known) < STRONG_BITS:
        return False
    each, together = chance.bits(len(known), more_words=SESSION_WORDS if remembered else 0)
    return sum(max(0.0, piece.bits - each) for piece in known) >= together and sum(
        piece.apart for piece in known
    ) >= EIGHTHS * log2(SHARED * chance.entries)


def identified(
    forgotten: Forgotten, facts: Mapping[int, Sequence[Piece]], remembered: Sequence[Piece], words: int
) -> frozenset[int]:
    """The places of the entries that the facts come to."""
    snapshot, entries = forgotten.snapshot, len(forgotten.in_force)
    before: dict[int, list[Piece]] = {}
    for piece in remembered:
        before.setdefault(piece.owner, []).append(piece)
    return frozenset(
        place
        for place, said in facts.items()
        if identifies(
            said,
            before.get(snapshot.number(place), ()),
            Chance(entries, snapshot.entries[place].secrets, words),
        )
    )
