"""How much of each passage a conversation says, whatever was changed in it and in which order it comes.

Rules:
1. A portion is covered where its needed share is told within one stretch of the conversation.
2. Or all over it, by any role: then enough of its pairs must be there too, a few words of them together,
   and more of them the longer the conversation is, because in much text about like things every word of a
   portion comes up some day.
3. What comes near that is told; with `near_is_hit`, it counts as the portion.
4. What earlier requests of the session told of a portion counts too; then more of it is needed. Of portions
   beside one that the session has told so, less: who has said one goes on to the next.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from filters.forgotten import Forgotten
from filters.joined import Joined, Part
from filters.pieces import Piece
from filters.segment import Segment
from filters.tally import STRETCH, Tally
from filters.views import Views
from index.pair_builder import EIGHTHS
from index.pair_search import FARTHEST, Met, meet
from index.pair_table import Portion
from index.rolling import MASK
from policy.surface import Role

# Of what is needed, so much comes near.
NEAR = 0.8
# A portion of which less is told, in eighths of a bit and as part of what is needed, is not looked at.
LEAST, PART = 24 * EIGHTHS, 0.2
# Of what is needed in one request, so much in a session.
SESSION = 1.2
# And so much of one that stands so near to one told in full. Less would tell a guesser each word.
BESIDE, AROUND = 0.5, 16
# The piece that marks a portion as such. No word has this number.
MARK = 0
# The share of a portion's pairs that is asked of a conversation, for each time that it is twice as long.
DOUBLING, MOST = 0.12, 0.65
# So many words of a portion stand together in a piece of it.
TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Covered:
    """A portion of a passage of the entry at `place`, and where it stands."""

    place: int
    key: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """`near`: how many portions were come near. `given`: the pairs that stand in text which supplies. `told`:
    what was told of portions that are not covered, for the session. `marks`: the portions beside those that
    the session has now told in full.
    """

    covered: tuple[Covered, ...] = ()
    near: int = 0
    given: frozenset[int] = frozenset()
    told: tuple[Piece, ...] = ()
    marks: tuple[Piece, ...] = ()


NOTHING = Coverage()


def cover(
    forgotten: Forgotten,
    views: Views,
    joined: Joined,
    segments: Sequence[Segment],
    remembered: Iterable[Piece] = (),
    *,
    near_is_hit: bool,
) -> Coverage:
    meeting = meet(forgotten.snapshot.pairs, views.hashes, views.ranks, LEAST)
    portions = meeting.portions(LEAST, PART)
    if not len(portions):
        return NOTHING
    met = _in_force(forgotten, meeting.pairs(portions), views)
    look = _Look(forgotten, joined, segments, NEAR if near_is_hit else 1.0, _by_owner(remembered))
    covered = [found for number, pairs in met.items() for found in look.covered(number, pairs)]
    given = {pair.digest for pairs in met.values() for pair in pairs if look.supplies(pair)}
    return Coverage(tuple(covered), look.near, frozenset(given), tuple(look.told), tuple(look.marks))


def _by_owner(pieces: Iterable[Piece]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.owner, []).append(piece)
    return found


def _in_force(forgotten: Forgotten, met: Iterable[Met], views: Views) -> dict[int, list[Met]]:
    """By portion, at their places in the conversation."""
    found: dict[int, list[Met]] = {}
    for pair in met:
        if forgotten.snapshot.pairs.portion(pair.portion).entry in forgotten.in_force:
            here = pair._replace(first=int(views.places[pair.first]), second=int(views.places[pair.second]))
            found.setdefault(pair.portion, []).append(here)
    return found


class _Look:
    def __init__(
        self,
        forgotten: Forgotten,
        joined: Joined,
        segments: Sequence[Segment],
        enough: float,
        remembered: Mapping[int, Sequence[Piece]],
    ) -> None:
        self._forgotten, self._joined, self._segments = forgotten, joined, segments
        self._enough, self._remembered = enough, remembered
        self._share = share_of(len(joined.hashes))
        self.near = 0
        self.told: list[Piece] = []
        self.marks: list[Piece] = []

    def covered(self, number: int, met: Sequence[Met]) -> Iterator[Covered]:
        """Text that supplies and an assistant's are told apart where the first alone says the portion."""
        portion = self._forgotten.snapshot.pairs.portion(number)
        told = self._told(portion, met)
        if told < portion.needed * self._enough and not self._adds_up(number, met):
            self.near += told >= portion.needed * NEAR
            self.told += _as_pieces(portion, met)
            return
        pieces = _pieces(met)
        if self._told(portion, pieces) >= portion.needed * self._enough:
            # What stands alone elsewhere, in a question say, need not be touched.
            met = pieces
        given = [pair for pair in met if self.supplies(pair)]
        groups: list[Sequence[Met]] = [met]
        if len(given) < len(met) and self._told(portion, given) >= portion.needed * self._enough:
            groups = [given, [pair for pair in met if not self.supplies(pair)]]
        for group in groups:
            yield Covered(portion.entry, portion.key, tuple(self._parts(group)))

    def supplies(self, pair: Met) -> bool:
        """Whether no word of it is an assistant's."""
        stands = (self._joined.segment(pair.first), self._joined.segment(pair.second))
        return all(self._segments[segment].role is not Role.ASSISTANT for segment in stands)

    def _adds_up(self, number: int, met: Sequence[Met]) -> bool:
        """Whether it is enough with what the session told before."""
        portion = self._forgotten.snapshot.pairs.portion(number)
        before = self._remembered.get(_owner(portion))
        if not before:
            return False
        pieces = {piece.piece: piece.bits for piece in (*before, *_as_pieces(portion, met))}
        told = sum(pieces.values())
        if MARK in pieces:
            # Not marked again: what was marked by chance must end with the time of the mark.
            return told >= BESIDE * portion.needed
        if told < SESSION * portion.needed:
            return False
        self.marks += self._beside(number, portion.entry)
        return True

    def _beside(self, number: int, entry: int) -> Iterator[Piece]:
        table = self._forgotten.snapshot.pairs
        around = range(max(0, number - AROUND), min(table.portions, number + AROUND + 1))
        for portion in map(table.portion, around):
            if portion.entry == entry:
                yield Piece(_owner(portion), MARK)

    def _told(self, portion: Portion, met: Sequence[Met]) -> int:
        in_all = _in_all(met)
        if in_all < portion.needed * NEAR:
            return in_all
        enough = _together(met) >= self._share * portion.weight
        return in_all if enough else _in_a_stretch(met)

    def _parts(self, met: Sequence[Met]) -> Iterator[Part]:
        places = sorted({place for pair in met for place in (pair.first, pair.second)})
        breaks = np.flatnonzero(np.diff(places) > FARTHEST) + 1
        for run in np.split(np.array(places, dtype=np.int64), breaks):
            yield from self._joined.parts(run)


def _owner(portion: Portion) -> int:
    return portion.key >> 1


def _as_pieces(portion: Portion, met: Iterable[Met]) -> list[Piece]:
    """A piece for each word, with a number that it has in this portion alone."""
    factor = portion.key | 1
    words = _most_of_each(met)
    return [Piece(_owner(portion), (word * factor & MASK) >> 1, tells) for word, tells in words.items()]


def share_of(units: int) -> float:
    """The share of a portion's pairs that must be there in a conversation of so many units."""
    return min(MOST, DOUBLING * log2(max(units, STRETCH) / STRETCH))


def _in_all(met: Iterable[Met]) -> int:
    return sum(_most_of_each(met).values())


def _most_of_each(met: Iterable[Met]) -> dict[int, int]:
    """By word."""
    words: dict[int, int] = {}
    for pair in met:
        for word, tells in pair.words:
            words[word] = max(tells, words.get(word, 0))
    return words


def _together(met: Sequence[Met]) -> int:
    """What the different pairs weigh that stand in pieces."""
    return sum({pair.digest: pair.weight for pair in _pieces(met)}.values())


def _pieces(met: Sequence[Met]) -> list[Met]:
    """The pairs of which a few words stand together."""
    pieces: list[list[Met]] = []
    for pair in sorted(met):
        if not pieces or pair.first - pieces[-1][-1].second > FARTHEST:
            pieces.append([])
        pieces[-1].append(pair)
    return [pair for piece in pieces if len(_words(piece)) >= TOGETHER for pair in piece]


def _words(met: Iterable[Met]) -> set[int]:
    return {word for pair in met for word, _ in pair.words}


def _in_a_stretch(met: Iterable[Met]) -> int:
    tally, most = Tally(), 0
    for pair in sorted(met, key=lambda pair: max(pair.first, pair.second)):
        at = max(pair.first, pair.second)
        tally.add(pair, at)
        most = max(most, tally.told(at))
    return most
