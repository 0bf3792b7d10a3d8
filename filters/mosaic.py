"""Weak strings add up: a birthplace, a year and a trade say who is meant, also under another name or none.

Rules:
1. Each fact counts once, however often and in whichever words it is said, and wherever: in all messages of
   all roles, and in earlier requests of the same session.
2. An entry is active when its facts come to 30 bits, as the language goes; and when, of innocent texts as
   long as this one, one in RARE says as much about any entry; and of texts about neighbours one in SHARED.
3. One fact is never enough.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import log2

from filters.forgotten import STRONG_BITS, Forgotten
from filters.pieces import Piece
from filters.sightings import Sighting

RARE = 1000
# At most one text about a neighbour in a hundred may be altered; this is the half of that.
SHARED = 200
LEAST_FACTS = 2
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


def identifies(facts: Sequence[Piece], remembered: Sequence[Piece], entries: int, words: int) -> bool:
    """Whether these facts of one entry, of so many in force, say in a text of so many words who is meant."""
    all_facts = {piece.piece: piece for piece in (*remembered, *facts)}.values()
    length = log2(max(2, words + (SESSION_WORDS if remembered else 0)))
    return (
        len(all_facts) >= LEAST_FACTS
        and sum(piece.bits for piece in all_facts) >= STRONG_BITS
        and sum(max(0.0, piece.bits - length) for piece in all_facts) >= log2(RARE * entries)
        and sum(piece.apart for piece in all_facts) >= log2(SHARED * entries)
    )


def identified(
    forgotten: Forgotten, facts: dict[int, list[Piece]], remembered: Sequence[Piece], words: int
) -> frozenset[int]:
    """The places of the entries that the facts come to."""
    entries = len(forgotten.in_force)
    before: dict[int, list[Piece]] = {}
    for piece in remembered:
        before.setdefault(piece.owner, []).append(piece)
    return frozenset(
        place
        for place, said in facts.items()
        if identifies(said, before.get(forgotten.snapshot.number(place), ()), entries, words)
    )
