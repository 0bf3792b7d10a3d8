"""Text into units: the words in which windows and names are counted, each with its raw span.

A unit is a run of letters and digits after the fold; an apostrophe between two of them is dropped ("don't" is
dont), any other character separates. Scripts written without spaces give one unit a character. A unit is closed
when it has 64 folded characters, so that an endless word cannot hold a stream. Cutting a text differently gives
the same units (tested): the readers keep state, never text they have to read again.
"""

import re
from typing import NamedTuple

from index.fold import APOSTROPHE, fold_character, plain, untagged

LONGEST = 64

_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*'?")
_DIGIT_OR_LETTERS = re.compile(r"[0-9]|[A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
# Han, kana, bopomofo, Yi, Tangut; Thai, Lao, Burmese, Khmer and their neighbours.
_ALONE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua980-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U00016fe0-\U00018d8f\U0001aff0-\U0001b2ff\U00020000-\U0003ffff]"
)


class Unit(NamedTuple):
    """`start` and `end` are the raw half-open span; `capital` is whether its first raw letter is upper case."""

    text: str
    start: int
    end: int
    capital: bool


class UnitReader:
    """Reads a text piece by piece. Offsets count raw characters from the start of the first piece."""

    __slots__ = ("_at", "_capital", "_end", "_letterless", "_pending", "_start", "_text")

    def __init__(self) -> None:
        self._at = 0
        self._text = ""
        self._start = 0
        self._end = 0
        self._capital = False
        self._letterless = True
        self._pending = False  # an apostrophe stands after the open unit

    @property
    def open_at(self) -> int | None:
        """Where an unfinished unit begins."""
        return self._start if self._text else None

    def feed(self, piece: str) -> list[Unit]:
        """The units that end in this piece."""
        done: list[Unit] = []
        if not piece:
            return done
        if not plain(piece):
            self._read(piece, done)
        elif self._text and (piece[0].isalnum() or piece[0] == APOSTROPHE):
            self._continue(piece, done)
        else:
            self._close(done)
            self._words(piece, 0, done)
        self._at += len(piece)
        return done

    def finish(self) -> list[Unit]:
        """The unit that the end of the text closes, if one is open."""
        done: list[Unit] = []
        self._close(done)
        return done

    def _continue(self, piece: str, done: list[Unit]) -> None:
        """Plain text whose first characters belong to the open unit."""
        first = re.match(r"[A-Za-z0-9']*", piece)
        cut = first.end() if first else 0
        self._read(piece[:cut], done)
        if cut < len(piece):
            self._close(done)
            self._words(piece, cut, done)

    def _words(self, piece: str, begin: int, done: list[Unit]) -> None:
        """Plain text from `begin` on, where no unit is open."""
        at, size = self._at, len(piece)
        for match in _WORD.finditer(piece, begin):
            start, end = match.span()
            if end == size or end - start > LONGEST:
                at, self._at = self._at, at + start
                self._read(match.group(), done)
                self._at = at
                if end < size:
                    self._close(done)
                continue
            raw = match.group()
            if raw[-1] == APOSTROPHE:
                end -= 1
            if not raw.isalpha():
                self._odd(raw, at + start, at + end, done)
                continue
            done.append(Unit(raw.lower(), at + start, at + end, raw[0].isupper()))

    def _odd(self, raw: str, start: int, end: int, done: list[Unit]) -> None:
        """A plain word with digits or apostrophes in it."""
        letter = _LETTER.search(raw)
        capital = letter is not None and letter.group().isupper()
        done.append(Unit(raw.replace(APOSTROPHE, "").lower(), start, end, capital))

    def _read(self, piece: str, done: list[Unit]) -> None:
        """Character by character: any text, in any state."""
        for place, raw in enumerate(piece, self._at):
            folded = fold_character(raw)
            if not folded and self._text and not self._pending:
                self._end = place + 1
            for character in folded:
                if character.isalnum():
                    self._take(character, raw, place, done)
                elif character == APOSTROPHE and self._text and not self._pending:
                    self._pending = True
                else:
                    self._close(done)

    def _take(self, character: str, raw: str, place: int, done: list[Unit]) -> None:
        if character > "\u0dff" and _ALONE.match(character):
            self._close(done)
            done.append(Unit(character, place, place + 1, False))
            return
        if not self._text:
            self._start, self._letterless, self._capital = place, True, False
        if self._letterless and not character.isdigit():
            shown = untagged(raw)
            self._capital, self._letterless = shown.isupper() or shown.istitle(), False
        self._text += character
        self._end, self._pending = place + 1, False
        if len(self._text) == LONGEST:
            self._close(done)

    def _close(self, done: list[Unit]) -> None:
        if self._text:
            done.append(Unit(self._text, self._start, self._end, self._capital))
            self._text = ""
        self._pending = False


class DigitReader:
    """Single digits as units, for secrets made of digits: "555-201" and "5 5 5 2 0 1" are the same.

    Separators between digits are skipped; letters end a run, which a unit with an empty text shows.
    """

    __slots__ = ("_at", "_running")

    open_at: int | None = None

    def __init__(self) -> None:
        self._at = 0
        self._running = False

    def feed(self, piece: str) -> list[Unit]:
        done: list[Unit] = []
        if not plain(piece):
            self._read(piece, done)
        elif self._running or _DIGIT.search(piece):
            self._plain(piece, done)
        self._at += len(piece)
        return done

    def finish(self) -> list[Unit]:
        return []

    def _plain(self, piece: str, done: list[Unit]) -> None:
        for match in _DIGIT_OR_LETTERS.finditer(piece):
            self._take(match.group()[0].lower(), self._at + match.start(), done)

    def _read(self, piece: str, done: list[Unit]) -> None:
        for place, raw in enumerate(piece, self._at):
            for character in fold_character(raw):
                if character.isalnum():
                    self._take(character, place, done)

    def _take(self, character: str, place: int, done: list[Unit]) -> None:
        if character.isascii() and character.isdigit():
            done.append(Unit(character, place, place + 1, False))
            self._running = True
        elif self._running:
            done.append(Unit("", place, place + 1, False))
            self._running = False


def units(text: str) -> list[Unit]:
    """All units of a whole text."""
    reader = UnitReader()
    return reader.feed(text) + reader.finish()


def digits(text: str) -> list[Unit]:
    """All digits of a whole text, with a unit of empty text where letters end a run."""
    return DigitReader().feed(text)
