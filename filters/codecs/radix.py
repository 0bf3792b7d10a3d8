"""Symbols of six, five, four bits or one, as base64, base32, base16 and base 2 have.

Rules: a code may stand in one word, or be broken into many by spaces, line breaks, commas or quotes; a
run that was cut somewhere is read from any of its symbols; it may have been written backwards or in turned
letters before. What does not decode to something that reads is no code.
"""

import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import lcm
from string import ascii_letters

import numpy as np

from filters.codecs.bytes_read import by_bits, is_language, legible, readable, wordy
from filters.codecs.decoded import Decoded, Offsets
from filters.codecs.shifted import shifted
from filters.codecs.showing import Showing, Turns
from filters.codecs.ways import WAYS

_GAP = r"h?[\s\"',;:|>\\]{1,5}(?:0[xXbB]|[xX$#])?"
# So much of a run tells whether it reads.
_HEAD = 64
# What is shorter was not turned, nor cut.
_LONG, _CUT = 12, 24
# How many bits a symbol has where every letter is one.
_LETTERED = 5, 6


@dataclass(frozen=True, slots=True)
class Radix:
    """`word` is one word of a code, `dropped` what stands in it for nothing, `least` how many symbols it
    needs. `shows` is where the symbols may be those of letters, and `showing` under which turns they may.
    """

    view: str
    words: re.Pattern[str]
    dropped: str
    bits: int
    least: int
    decode: Callable[[str], bytes]
    shows: re.Pattern[str]
    showing: Showing

    @property
    def period(self) -> int:
        """After so many symbols a byte begins again."""
        return lcm(8, self.bits) // self.bits

    def read(self, text: str, start: int, end: int) -> Iterator[Decoded]:
        for chain in self._chains(text, start, end):
            yield from self._chain(text, chain)

    def _chains(self, text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
        """The words of the alphabet that only gaps lie between. Behind a padded one begins another code."""
        chain: list[tuple[int, int]] = []
        for match in self.words.finditer(text, start, end):
            first, last = match.span("symbols")
            if chain and (
                self._parts(text[chain[-1][1] - 1] + text[first])
                or not _IS_GAP.fullmatch(text, chain[-1][1], first)
            ):
                yield chain
                chain = []
            chain.append((first, last))
        if chain:
            yield chain

    def _parts(self, around: str) -> bool:
        return bool(self.dropped) and self.dropped in around

    def _chain(self, text: str, words: Sequence[tuple[int, int]]) -> Iterator[Decoded]:
        if sum(last - first for first, last in words) < self.least or self._reads(text, words):
            return
        runs = list(_equal(words))
        for size, run in runs:
            whole = self._joined(text, run) if len(run) > 1 else []
            if whole:
                yield from whole
            elif len(run) == 1 or size >= self.least:
                for word in ([word] for word in run):
                    # What is one word alone was asked about above.
                    if len(words) == 1 or not self._reads(text, word):
                        yield from self._joined(text, word)
        # What is one run was read together above.
        if len(runs) > 1:
            yield from self._joined(text, words)

    def _reads(self, text: str, words: Sequence[tuple[int, int]]) -> bool:
        """Whether words of a language are no code of this alphabet: not where it has letters of one case
        only.
        """
        return self.bits == 6 and all(wordy(text[first:last]) for first, last in words)

    def _joined(self, text: str, words: Sequence[tuple[int, int]]) -> list[Decoded]:
        if sum(last - first for first, last in words) < self.least:
            return []
        symbols = "".join(text[first:last] for first, last in words)
        # Figures alone are no letters in base64, of whatever script, but one in thousands.
        if self.bits == 6 and symbols.isdecimal():
            return []
        if self._comes_to_nothing(symbols):
            return []
        places = np.concatenate([np.arange(first, last) for first, last in words])
        if self.dropped and any(sign in symbols for sign in self.dropped):
            kept = [place for place, symbol in enumerate(symbols) if symbol not in self.dropped]
            symbols, places = "".join(symbols[place] for place in kept), places[kept]
        if len(symbols) < self.least:
            return []
        return [_over(found, words[0][0], words[-1][1]) for found in self._any(symbols, places)]

    def _comes_to_nothing(self, symbols: str) -> bool:
        """Of what is too short to be turned or cut: whether it does not read."""
        short = len(symbols) < _LONG if self.bits != 4 else len(symbols) < _CUT and symbols.isdecimal()
        if not short or (self.dropped and self.dropped in symbols):
            return False
        return not readable(self.decoded(symbols))

    def _any(self, symbols: str, places: Offsets) -> Iterator[Decoded]:
        """As it stands; and in all the ways that show letters."""
        found = self._shifted(symbols, places)
        if found is not None:
            yield found
            if self._is_sure(found, places):
                return
        if len(symbols) < _LONG:
            return
        if self.bits == 4 and symbols.isdecimal():
            yield from self._backwards(symbols, places)
        elif self._may_be_lettered(symbols):
            yield from self._lettered(symbols, places, found is not None)

    def _backwards(self, symbols: str, places: Offsets) -> Iterator[Decoded]:
        """Figures alone have no letters to turn. Numbers read as text so often that here all of it must."""
        found = self._shifted(symbols[::-1], places[::-1])
        if found is not None and found.text[:_HEAD].isascii() and found.text[:_HEAD].isprintable():
            yield found

    def _lettered(self, symbols: str, places: Offsets, found: bool) -> Iterator[Decoded]:
        turns = self.showing.turns(symbols)
        others = list(self._by_ways(symbols, places, turns))
        yield from others
        if not (found or others):
            yield from self._by_shifts(symbols, places, turns)

    def _by_ways(self, symbols: str, places: Offsets, turns: Turns) -> Iterator[Decoded]:
        for way in map(WAYS.__getitem__, turns.ways()):
            plain = way(symbols)
            found = self._shifted(plain, places[::-1] if way.backwards else places)
            if found is not None:
                yield found
                if self._is_sure(found, places):
                    return

    def _is_sure(self, found: Decoded, places: Offsets) -> bool:
        """A figure of base 16 is half a character: from the wrong half on, backwards, letters show too."""
        cut = self.bits == 4 and not {int(places[0]), int(places[-1])} <= {found.begin, found.end - 1}
        return not cut and is_language(found.text)

    def _may_be_lettered(self, symbols: str) -> bool:
        """Whether other letters may make text of it. In base64 no byte of ASCII begins with a figure or sign:
        of every fourth symbol most are letters.
        """
        if self.bits != 6:
            return not symbols.isdecimal()
        head = symbols[:_HEAD].encode("ascii")
        parts = (head[first :: self.period] for first in range(self.period))
        return any(4 * len(part.translate(None, _ALL_LETTERS)) <= len(part) for part in parts)

    def _by_shifts(self, symbols: str, places: Offsets, turns: Turns) -> Iterator[Decoded]:
        """In all alphabets that are shifted, where their letters are all symbols."""
        if self.bits not in _LETTERED:
            return
        for shift in turns.shifts():
            plain = shifted(symbols[:_HEAD], shift)
            shown = len(symbols) <= _HEAD or self.shows.search(plain)
            if not (shown and readable(self.decoded(plain))):
                continue
            if data := self.decoded(shifted(symbols, shift)):
                yield by_bits(legible(data), places, self.bits, self.view)

    def _shifted(self, symbols: str, places: Offsets) -> Decoded | None:
        for skipped in range(self.period if len(symbols) >= _CUT else 1):
            rest = symbols[skipped:]
            head = self.decoded(rest[:_HEAD])
            if readable(head) and (data := self.decoded(rest)):
                return by_bits(legible(data), places[skipped:], self.bits, self.view)
        return None

    def decoded(self, symbols: str) -> bytes:
        """Of the symbols as many as make whole bytes."""
        whole = len(symbols) * self.bits // 8
        used = -(-whole * 8 // self.bits)
        try:
            return self.decode(symbols[:used])
        except (ValueError, binascii.Error):
            return b""


_ALL_LETTERS = ascii_letters.encode()
_IS_GAP = re.compile(_GAP)


def _equal(words: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Words of one length in a row, with a shorter last one: how a long run is broken into lines."""
    runs = [(size, list(run)) for size, run in groupby(words, key=lambda word: word[1] - word[0])]
    place = 0
    while place < len(runs):
        size, run = runs[place]
        if len(run) > 1 and place + 1 < len(runs) and runs[place + 1][0] < size:
            last = runs[place + 1][1]
            run.append(last.pop(0))
            if not last:
                place += 1
        place += 1
        yield size, run


def _over(found: Decoded, start: int, end: int) -> Decoded:
    """With the padding and the prefix of the run."""
    starts, ends = found.starts.copy(), found.ends.copy()
    first, last = (0, -1) if starts[0] <= starts[-1] else (-1, 0)
    starts[first], ends[last] = min(start, int(starts[first])), max(end, int(ends[last]))
    return Decoded(found.text, starts, ends, found.view, found.fresh)
