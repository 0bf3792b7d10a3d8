"""Follows a text through the pairs of the passages: how much of each portion it has told by now.

Rules:
1. Nothing is held while nothing is told. Once some words of a portion stand close together (BEGUN), every
   further one holds the text for as many units as it may take to the next.
2. A portion whose needed share is told is said, from where the text is held on; so is what follows it, until
   nothing more of the entry comes for as many units. Then its words must be told anew.
3. What the conversation gave does not count as recalled. Where what is recalled is enough alone, what is said
   has no key, as if nothing had been given.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from filters.forgotten import Forgotten
from filters.tally import STRETCH, Tally
from index import bloom
from index.pair_builder import EIGHTHS
from index.pair_search import FARTHEST, REACH, Meeting, Met, Places, meet
from index.pair_table import Portion
from index.rolling import MASK, Hashes
from index.traits import TELLS
from index.units import Unit

# So much, or such a part of what is needed, told within CLOSE units, may be the beginning of a portion. No
# pair alone tells as much.
BEGUN, PART, CLOSE = 30 * EIGHTHS, 0.3, 32
_NEVER = 1 << 62
_MANY = 64


class Saying(NamedTuple):
    """So much of a portion was told that it is the passage. Offsets count from the first unit's text."""

    entry: int
    key: int
    start: int
    end: int


@dataclass(slots=True)
class _Watched:
    portion: Portion
    all: Tally = field(default_factory=Tally)
    recalled: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class _Hold:
    """Text held for one entry: from where, until which unit, and whether it is being said."""

    start: int
    until: int
    said: bool = False
    key: int = 0


class Watch:
    """`given`: digests of the pairs that the conversation supplied. `enough`: the part of what is needed that
    is taken for all. `held_from`: where the first unit that must wait begins.
    """

    def __init__(self, forgotten: Forgotten, given: Collection[int], enough: float) -> None:
        self._forgotten, self._given, self._enough = forgotten, given, enough
        self._table = table = forgotten.snapshot.pairs
        self._hash = forgotten.snapshot.word_hash.of
        self._traits = forgotten.snapshot.traits
        self._gate, self._gate_shift, *_, self._above = table.gate
        # The last telling words, and which units they are.
        self._last: tuple[tuple[int, int], ...] = ()
        # By portion: its first pair, and once there is another, its tallies.
        self._watched: dict[int, Met | _Watched] = {}
        self._holds: dict[int, _Hold] = {}
        self._at, self._soonest, self._swept = 0, _NEVER, 0
        self.held_from: int | None = None

    def push(self, unit: Unit) -> Sequence[Saying]:
        """What this unit makes certain."""
        self._at = at = self._at + 1
        if at > self._soonest:
            self._let_go()
        if not self._traits[unit.text] & TELLS:
            return ()
        word = self._hash(unit.text)
        found: list[Met] | None = None
        for other, when in self._last:
            digest = word + other & MASK
            bits = self._gate[digest >> self._gate_shift]
            if bits >> (digest & 63) & bits >> (digest >> 6 & 63) & bits >> (digest >> 12 & 63) & 1 or (
                self._above is not None and self._above.may_hold(digest)
            ):
                met = self._meet(word, other, when)
                found = met if found is None else found + met
        self._last = (*self._last[1 - REACH :], (word, at))
        return self._weigh(found, unit) if found else ()

    def passes(self, hashes: Hashes) -> bool:
        """Whether nothing in so many units, from here on, makes anything wait."""
        return not self._holds and not len(meet(self._table, hashes, least=BEGUN).portions(BEGUN))

    def passes_over(self, hashes: Hashes) -> bool:
        """Go over many units at once, if they make nothing wait; else leave them unread."""
        if self._holds:
            return False
        before, after = np.array(self._last, dtype=np.uint64).reshape(-1, 2), self._at + 1
        read = np.concatenate((before[:, 0], hashes))
        ranks = np.concatenate((before[:, 1].astype(np.int64), np.arange(after, after + len(hashes))))
        met = list(_new(meet(self._table, read, ranks), ranks, self._at))
        if self._may_begin(met):
            return False
        for pair in met:
            self._add(pair)
        for place in bloom.held(self._table.words, read)[-REACH:].tolist():
            if place >= len(before):
                self._last = (*self._last[1 - REACH :], (int(read[place]), int(ranks[place])))
        self._at += len(hashes)
        return True

    def _meet(self, word: int, other: int, when: int) -> list[Met]:
        if other == word or self._at - when > FARTHEST:
            return []
        low, high = (word, other) if word < other else (other, word)
        digest = low + high & MASK
        return [
            Met(when, self._at, digest, portion, weight, ((low, lower), (high, higher)))
            for portion, lower, higher, weight in self._table.pairs(digest)
        ]

    def _may_begin(self, met: Iterable[Met]) -> bool:
        """Whether any portion could begin, at any of these units."""
        words: dict[int, dict[int, int]] = {}
        for pair in met:
            told = words.get(pair.portion)
            if told is None:
                told = words[pair.portion] = _known(self._watched.get(pair.portion))
            for word, tells in pair.words:
                told[word] = max(tells, told.get(word, 0))
        return any(sum(told.values()) >= BEGUN for told in words.values())

    def _add(self, met: Met) -> _Watched | None:
        """A portion of which there is one pair alone is not weighed yet: it costs next to nothing."""
        watched = self._watched.get(met.portion)
        if watched is None:
            self._sweep(met.second)
            self._watched[met.portion] = met
            return None
        if isinstance(watched, Met):
            first, watched = watched, _Watched(self._table.portion(met.portion))
            self._watched[met.portion] = watched
            self._count(watched, first)
        self._count(watched, met)
        return watched

    def _count(self, watched: _Watched, met: Met) -> None:
        watched.all.add(met, met.second)
        if met.digest not in self._given:
            watched.recalled.add(met, met.second)

    def _sweep(self, at: int) -> None:
        """Forget what counts no more, now and then."""
        if len(self._watched) >= _MANY and at - self._swept >= STRETCH:
            self._swept = at
            self._watched = {
                number: watched for number, watched in self._watched.items() if not _is_old(watched, at)
            }

    def _weigh(self, met: Iterable[Met], unit: Unit) -> list[Saying]:
        touched = {pair.portion: self._add(pair) for pair in met}
        return [
            saying
            for watched in touched.values()
            if watched is not None and watched.portion.entry in self._forgotten.in_force
            for saying in self._judge(watched, unit)
        ]

    def _judge(self, watched: _Watched, unit: Unit) -> Iterator[Saying]:
        portion, at = watched.portion, self._at
        hold = self._holds.get(portion.entry)
        told, needed = watched.all.told(at), portion.needed * self._enough
        if hold is None:
            begun = max(BEGUN, PART * needed)
            if told < needed and watched.all.told(at, CLOSE) < begun:
                return
            hold = self._holds[portion.entry] = _Hold(unit.start, at)
        hold.until = at + FARTHEST
        if told >= needed:
            hold.key = 0 if watched.recalled.told(at) >= needed else portion.key
            hold.said = True
        if hold.said:
            yield Saying(portion.entry, hold.key, hold.start, unit.end)
            hold.start = unit.start
        self._note()

    def _let_go(self) -> None:
        for entry, hold in list(self._holds.items()):
            if self._at > hold.until:
                del self._holds[entry]
                if hold.said:
                    self._begin_anew(entry)
        self._note()

    def _begin_anew(self, entry: int) -> None:
        table = self._table
        self._watched = {
            number: watched
            for number, watched in self._watched.items()
            if table.portion(number).entry != entry
        }

    def _note(self) -> None:
        self.held_from = min((hold.start for hold in self._holds.values()), default=None)
        self._soonest = min((hold.until for hold in self._holds.values()), default=_NEVER)


def _new(meeting: Meeting, ranks: Places, at: int) -> Iterator[Met]:
    """The pairs that end behind this unit."""
    for met in meeting.pairs():
        first, second = int(ranks[met.first]), int(ranks[met.second])
        if second > at:
            yield met._replace(first=first, second=second)


def _known(watched: Met | _Watched | None) -> dict[int, int]:
    if watched is None:
        return {}
    if isinstance(watched, Met):
        return dict(watched.words)
    return {word: tells for word, (tells, _) in watched.all.seen.items()}


def _is_old(watched: Met | _Watched, at: int) -> bool:
    if isinstance(watched, Met):
        return at - watched.second >= STRETCH
    return watched.all.is_old(at)
