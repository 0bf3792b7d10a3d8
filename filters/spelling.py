"""What a stream of words spells by its letters: cut up, joined, backwards, shifted, mirrored, as an acrostic.

Rules:
1. The words are read in several ways: all of them; the first letters of lines, and their first signs; the
   letters that stand alone; what follows a quotation mark, a number or the sign of a comment; the first
   letter of every word; the digits, also those that words say; what words of the spelling alphabet say.
   What stands between is passed over.
2. What chance spells too does not count. Every letter after the first has 26 possibilities, and so has the
   alphabet that the text is shifted by unless it is one that people use. Few letters count only for an entry
   that the conversation is about.
3. A few first letters may go, in acrostics some more: else a poem would wait for its end. The last letter
   never does. Words far apart spell nothing together, so at most 32 of them wait, or 32 lines.
"""

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from filters.codecs.signs import NATO
from filters.matcher import Match
from index.fold import plain
from index.letters import LetterTable, Spelled, letters_of
from index.units import LONGEST, Unit, units
from index.whole_text import WholeText

_MARKS = frozenset("\"'`“‘«„#/")
# One of these stands in a text where a word may follow a mark or a number.
_TELLING = (*_MARKS, *"0123456789")
# A mark before a word; within one, an apostrophe is none.
_QUOTED = re.compile(r"[\"`“‘«„#/]|'(?:(?![A-Za-z0-9])|(?<![A-Za-z0-9]'))")
# Two numbers that words may follow.
_FIGURES = re.compile(r"\d[^\dA-Za-z][^\d]{1,80}\d+[^\dA-Za-z]")
_WORD = r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*"
# What follows a mark, which an apostrophe within a word is not, and what follows a number.
_AFTER = re.compile(
    rf"(?:[\"`“‘«„#/] *|(?<![A-Za-z0-9])' *|' +)(?=({_WORD}))"
    rf"|(?<![A-Za-z0-9])(?<![A-Za-z0-9]')[0-9]+(?:'[0-9]+)*(?!'?[A-Za-z0-9])(?=[^A-Za-z0-9]+({_WORD}))"
)
_ENDLESS = re.compile(rf"[A-Za-z0-9']{{{LONGEST + 1}}}")
_FIRST = itemgetter(0)
_LINE = re.compile(r"\n[^A-Za-z]*([A-Za-z])")
_SIGN = re.compile(r"\n[^A-Za-z0-9]*([A-Za-z0-9])")
# Each letter after the first is one of 26, each digit one of ten.
_BITS, _DIGIT_BITS = 4.7, 3.3
# So many bits a number must have: a year is known where the conversation is about its entry.
_LEAST_NUMBER = 13.0
_SHORTEST = 4
# As unlikely as a secret that counts wherever it stands, in the longest answers and with many entries.
SURE_BITS = 33.0


class Way(NamedTuple):
    """A way of reading.

    `reach`: how far behind a word the next one may stand. `reveal`: how many words may go out first, where
    the table does not say. `least`: the bits that are enough where the entry is known to be meant.
    """

    reach: int
    reveal: int | None
    least: float
    shifted: bool = False


ALL = Way(80, None, 18.0, shifted=True)
LINES, ALONE = Way(400, 5, 18.0, shifted=True), Way(80, 5, 18.0)
QUOTED = Way(80, 3, 18.0, shifted=True)
INITIALS = Way(80, 8, 28.0, shifted=True)
DIGITS, SAID = Way(80, None, 18.0), Way(80, None, 18.0, shifted=True)
# What a word of the spelling alphabet says, and numbers as people say them.
SAYS = MappingProxyType({word: sign for word, sign in NATO.items() if sign.isalnum()} | {"oh": "0"})


class Spelling(NamedTuple):
    """`sure`: it counts wherever it stands."""

    match: Match
    passage: bool
    sure: bool


class Reader:
    """One way of reading one stream. `held`: where the first thing that must wait begins."""

    __slots__ = ("_known", "_numbers", "_reach", "_reveal", "_starts", "_step", "_tail", "_way", "held")

    def __init__(self, table: LetterTable, way: Way) -> None:
        self._known, self._step = table.steps.get, table.step
        self._way, self._reach, self._reveal = way, way.reach, way.reveal
        self._tail = ""
        # Where the last words stand, and the how manyth of the text they are.
        self._starts: list[int] = []
        self._numbers: list[int] = []
        self.held: int | None = None

    def push(self, word: str, start: int, end: int, number: int) -> Sequence[Spelling]:
        starts, tail = self._starts, self._tail
        if starts and start - starts[-1] > self._reach:
            starts.clear()
            self._numbers.clear()
            tail = ""
        words = f"{tail} {word}" if tail else word
        # Written out, because it runs twice for every word of every answer.
        self._tail, count, held, spelled = self._known(words) or self._step(words)
        if not count and not spelled:
            if starts:
                starts.clear()
                self._numbers.clear()
                self.held = None
            return ()
        starts.append(start)
        self._numbers.append(number)
        found = [each for one in spelled if (each := self._spelling(one, end))] if spelled else ()
        if (gone := len(starts) - count) > 0:
            del self._numbers[:gone]
            del starts[:gone]
        if self._reveal is not None:
            held = count - self._reveal
        self.held = starts[-held] if held > 0 else None
        return found

    def _spelling(self, spelled: Spelled, end: int) -> Spelling | None:
        row, way = spelled.row, self._way
        bits = _bits(spelled)
        if bits < (way.least if row.letters else _LEAST_NUMBER) or not (way.shifted or spelled.known):
            return None
        places, numbers = self._starts[spelled.first :], self._numbers[spelled.first :]
        in_a_row = numbers[-1] - numbers[0] == len(numbers) - 1
        if spelled.plain and in_a_row:
            # It stands there as it is: others find it, by their own rules.
            return None
        shown = spelled.shown if way.reveal is None else min(way.reveal, len(places) - 1)
        match = Match(row.owner, row.key, places[shown], end, True, begin=places[0])
        return Spelling(match, row.passage, bits >= SURE_BITS)


def _bits(spelled: Spelled) -> float:
    row = spelled.row
    letters = _BITS * (row.letters - 1 + spelled.known) if row.letters else 0.0
    return letters + _DIGIT_BITS * row.digits


def spells(table: LetterTable, text: str, words: Sequence[str]) -> bool:
    """Whether a whole text, whose units are `words`, spells anything."""
    marked = _marked(text)
    if marked is not None and not table.search.may_spell((*words, *marked), _singles(text, words)):
        return False
    reader = SpellingReader(table)
    return bool(reader.feed(text, units(text)))


def _marked(text: str) -> Sequence[str] | None:
    """The words that follow a mark or a number; none where it takes a reader to tell them."""
    if text.isascii() and not any(map(text.__contains__, _TELLING)):
        return ()
    if not (_QUOTED.search(text) or _FIGURES.search(text)):
        return ()
    if not plain(text):
        return None
    if _ENDLESS.search(text):
        return None
    # A mark may stand behind a number.
    after = {
        match.start(match.lastindex or 0): match[match.lastindex or 0] for match in _AFTER.finditer(text)
    }
    return list(filter(None, map(letters_of, after.values())))


def _singles(text: str, words: Sequence[str]) -> str:
    """The letters of all ways of reading a text that take one of each word."""
    alphabetic = "".join(words).isalpha()
    said = words if alphabetic else list(filter(None, map(letters_of, words)))
    alone = [word for word in said if len(word) == 1]
    signs = "" if alphabetic and SAYS.keys().isdisjoint(words) else _said(words)
    return "".join((*map(_FIRST, said), *alone, *signs, *_line_letters(text)))


def _said(words: Sequence[str]) -> str:
    """The digits, and the letters that words of the spelling alphabet say, where these are enough."""
    said = [SAYS.get(word, word) for word in words if word in SAYS or word.isdecimal()]
    digits = "".join(filter(str.isdecimal, said))
    letters = "".join(filter(str.isalpha, said))
    return "".join(signs for signs in (digits, letters) if len(signs) >= _SHORTEST)


def _line_letters(text: str) -> Iterator[str]:
    if "\n" not in text:
        return
    if text.isascii():
        letters, signs = _LINE.findall(f"\n{text}"), _SIGN.findall(f"\n{text}")
    else:
        lines = [words for line in text.split("\n") if (words := WholeText.of(line).words)]
        said = (next(filter(None, map(letters_of, words)), "") for words in lines)
        letters, signs = [word[0] for word in said if word], [words[0][0] for words in lines]
    yield from letters
    if signs != letters:
        yield from signs


class SpellingReader:
    """All ways of reading one text. `held`: where the first thing that must wait begins."""

    __slots__ = (
        "_all",
        "_alone",
        "_at",
        "_digits",
        "_figure",
        "_initials",
        "_line",
        "_lines",
        "_number",
        "_opens",
        "_quoted",
        "_readers",
        "_said",
        "_signs",
        "_text",
        "held",
    )

    def __init__(self, table: LetterTable) -> None:
        self._all, self._lines, self._alone = Reader(table, ALL), Reader(table, LINES), Reader(table, ALONE)
        self._quoted, self._initials = Reader(table, QUOTED), Reader(table, INITIALS)
        self._digits, self._said, self._signs = (Reader(table, way) for way in (DIGITS, SAID, LINES))
        others = self._lines, self._alone, self._quoted, self._digits, self._said, self._signs
        self._readers = (self._all, self._initials, *others)
        # What stands behind the last word, and where that is.
        self._text, self._at = "", 0
        self._line, self._figure, self._number = True, False, 0
        # Whether a line has begun of which no sign was read.
        self._opens = True
        self.held: int | None = None

    def feed(self, text: str, words: Sequence[Unit]) -> Sequence[Spelling]:
        """`words`: the units that end in this piece of the text."""
        self._text += text
        if not words:
            return ()
        found: list[Spelling] = []
        for word, start, end, _ in words:
            gap = self._text[: max(0, start - self._at)]
            self._text, self._at = self._text[max(0, end - self._at) :], end
            self._number = number = self._number + 1
            found += self._all.push(word, start, end, number)
            if gap == " " and word not in SAYS and len(word) > 1 and word.isalpha() and not self._waits:
                found += self._initials.push(word[0], start, end, number)
            else:
                found += self._word(word, gap, start, end)
        self._hold()
        return found

    @property
    def _waits(self) -> bool:
        """Whether the next word begins a line, or follows a number."""
        return self._line or self._figure

    def _word(self, word: str, gap: str, start: int, end: int) -> Sequence[Spelling]:
        found: list[Spelling] = []
        number = self._number
        if gap != " " and (self._opens or "\n" in gap):
            self._opens = False
            found += self._signs.push(word[0], start, end, number)
        if (sign := SAYS.get(word)) is not None:
            # What words say stands nowhere as it is, so they are in no row.
            reader = self._digits if sign.isdecimal() else self._said
            found += reader.push(sign, start, end, 2 * number)
        full = word
        if not word.isalpha() and not (word := letters_of(word)):
            self._line, self._figure = self._line or "\n" in gap, True
            return [*found, *self._digits.push(full, start, end, number)]
        found += self._initials.push(word[0], start, end, number)
        if gap != " " or self._line or self._figure or len(word) == 1:
            found += self._other(word, gap, start, end)
        return found

    def _other(self, word: str, gap: str, start: int, end: int) -> Sequence[Spelling]:
        found: list[Spelling] = []
        number = self._number
        if self._line or "\n" in gap:
            self._line = False
            found += self._lines.push(word[0], start, end, number)
        if len(word) == 1:
            found += self._alone.push(word, start, end, number)
        if self._figure or gap.rstrip(" ")[-1:] in _MARKS:
            self._figure = False
            found += self._quoted.push(word, start, end, number)
        return found

    def _hold(self) -> None:
        held = [reader.held for reader in self._readers if reader.held is not None]
        self.held = min(held) if held else None
