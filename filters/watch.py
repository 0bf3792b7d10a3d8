"""Follows a text through the pairs of the passages: how much of each portion it has told by now.

Rules:
1. Nothing is held while nothing is told. Once some words of a portion stand close together (BEGUN), every
   further one holds the text for as many units as it may take to the next.
2. A portion whose needed share is told is said, from where the text is held on; so is what follows it, until
   nothing more of the entry comes for as many units. Then its words must be told anew.
3. What the conversation gave does not count as recalled. Where what is recalled is enough alone, what is said
   has no key, as if nothing had been given.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from filters.forgotten import Forgotten
from filters.tally import STRETCH, Tally
from index import bloom
from index.pair_builder import EIGHTHS
from index.pair_search import FARTHEST, REACH, Met, meet, met_pairs
from index.pair_table import Portion, pair_digest
from index.rolling import Hashes
from index.units import Unit

# So much, or such a part of what is needed, told within CLOSE units, may be the beginning of a portion.
BEGUN, PART, CLOSE = 24 * EIGHTHS, 0.3, 32
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
        self._table = forgotten.snapshot.pairs
        self._hash = forgotten.snapshot.word_hash.of
        self._words, self._shift = self._table.words.words, self._table.words.shift
        self._last: deque[tuple[int, int]] = deque(maxlen=REACH)
        self._watched: dict[int, _Watched] = {}
        self._holds: dict[int, _Hold] = {}
        self._at, self._soonest, self._swept = 0, _NEVER, 0
        self.held_from: int | None = None

    def push(self, unit: Unit) -> Sequence[Saying]:
        """What this unit makes certain."""
        self._at = at = self._at + 1
        if at > self._soonest:
            self._let_go()
        word = self._hash(unit.text)
        bits = self._words[word >> self._shift]
        if not bits >> (word & 63) & bits >> (word >> 6 & 63) & 1:
            return ()
        met = list(self._meet(word))
        self._last.append((word, at))
        return self._weigh(met, unit) if met else ()

    def passes_over(self, hashes: Hashes) -> bool:
        """Go over many units at once, if they make nothing wait; else leave them unread."""
        if self._holds:
            return False
        before = np.array([word for word, _ in self._last], dtype=np.uint64)
        ranks = np.array([when for _, when in self._last], dtype=np.int64)
        read = np.concatenate((before, hashes))
        ranks = np.concatenate((ranks, np.arange(self._at + 1, self._at + 1 + len(hashes))))
        met = [
            pair._replace(first=int(ranks[pair.first]), second=int(ranks[pair.second]))
            for pair in meet(self._table, read, ranks)
            if pair.second >= len(before)
        ]
        if self._may_begin(met):
            return False
        for pair in met:
            self._add(pair, pair.second)
        for place in np.flatnonzero(bloom.may_hold(self._table.words, read))[-REACH:].tolist():
            if place >= len(before):
                self._last.append((int(read[place]), int(ranks[place])))
        self._at += len(hashes)
        return True

    def _meet(self, word: int) -> Iterator[Met]:
        gate = self._table.gate
        for other, when in self._last:
            near = other != word and self._at - when <= FARTHEST
            if near and gate.may_hold(pair_digest(other, word)):
                yield from met_pairs(self._table, when, self._at, other, word)

    def _may_begin(self, met: Iterable[Met]) -> bool:
        """Whether any portion could begin, at any of these units."""
        words: dict[int, dict[int, int]] = {}
        for pair in met:
            watched = self._watched.get(pair.portion)
            known = {word: tells for word, (tells, _) in watched.all.seen.items()} if watched else {}
            told = words.setdefault(pair.portion, known)
            for word, tells in pair.words:
                told[word] = max(tells, told.get(word, 0))
        return any(sum(told.values()) >= BEGUN for told in words.values())

    def _add(self, met: Met, at: int) -> _Watched | None:
        watched = self._watched.get(met.portion)
        if watched is None:
            portion = self._table.portion(met.portion)
            if portion.entry not in self._forgotten.in_force:
                return None
            self._sweep(at)
            watched = self._watched[met.portion] = _Watched(portion)
        watched.all.add(met, at)
        if met.digest not in self._given:
            watched.recalled.add(met, at)
        return watched

    def _sweep(self, at: int) -> None:
        """Forget what counts no more, now and then."""
        if len(self._watched) >= _MANY and at - self._swept >= STRETCH:
            self._swept = at
            self._watched = {
                number: watched for number, watched in self._watched.items() if not watched.all.is_old(at)
            }

    def _weigh(self, met: Iterable[Met], unit: Unit) -> list[Saying]:
        touched = {pair.portion: self._add(pair, self._at) for pair in met}
        return [
            saying
            for watched in touched.values()
            if watched is not None
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
        for number, watched in list(self._watched.items()):
            if watched.portion.entry == entry:
                del self._watched[number]

    def _note(self) -> None:
        self.held_from = min((hold.start for hold in self._holds.values()), default=None)
        self._soonest = min((hold.until for hold in self._holds.values()), default=_NEVER)
