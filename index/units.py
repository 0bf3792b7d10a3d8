"""Text into units: the words in which windows and names are counted, each with its raw span.

A unit is a run of letters and digits after the fold; an apostrophe between two of them is dropped
("don't" is dont), any other character separates. Scripts written without spaces give one unit a
character. A unit is closed when it has 64 folded characters, so that an endless word cannot hold a
stream. Cutting a text differently gives the same units (tested): the readers keep state, never text they
have to read again.
"""

import re
from typing import NamedTuple

from index.fold import APOSTROPHE, fold_character, plain, untagged

LONGEST = 64

_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*'?")
_STRETCH = re.compile(r"[\t-\r\x1c-~]+|[^\t-\r\x1c-~]+")
_DIGIT_OR_LETTERS = re.compile(r"[0-9]|[A-Za-z]+")
_MAYBE_DIGIT = re.compile(r"[0-9]|[^\x00-\x7f]")
_GOES_ON = re.compile(r"[A-Za-z0-9']*")
_LETTER = re.compile(r"[A-Za-z]")
# Han, kana, bopomofo, Yi, Tangut; Thai, Lao, Burmese, Khmer and their neighbours.
_ALONE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua980-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U00016fe0-\U00018d8f\U0001aff0-\U0001b2ff\U00020000-\U0003ffff]"
)


class Unit(NamedTuple):
    """`start` and `end` are the raw half-open span; `capital`: its first raw letter is upper case."""

    text: str
    start: int
    end: int
    capital: bool


_new = tuple.__new__  # a third of the time of calling Unit


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

    @property
    def at(self) -> int:
        """How many characters were read."""
        return self._at

    def skip(self, characters: int) -> None:
        """Go on behind a piece that is read otherwise; no unit may be open before it nor after it."""
        self._at += characters

    def feed(self, piece: str) -> list[Unit]:
        """The units that end in this piece."""
        # What nearly all tokens of a stream are, " word", written out: this runs for every one of them.
        if piece[:1] == " " and (word := piece[1:]).isascii() and word.isalpha() and len(word) < LONGEST:
            done = [_new(Unit, (self._text, self._start, self._end, self._capital))] if self._text else []
            self._text, self._start = word.lower(), self._at + 1
            self._at = self._end = self._start + len(word)
            self._capital, self._letterless, self._pending = word[0] < "a", False, False
            return done
        done = []
        if self._token(piece, done):
            self._at += len(piece)
        elif plain(piece):
            self._plain(piece, done)
        else:
            self._stretches(piece, done)
        return done

    def finish(self) -> list[Unit]:
        """The unit that the end of the text closes, if one is open."""
        done: list[Unit] = []
        self._close(done)
        return done

    def _token(self, piece: str, done: list[Unit]) -> bool:
        """Other frequent shapes: the "s" that goes on with a word, and a single sign after it."""
        if not piece.isascii():
            return False
        if piece.isalpha():
            return self._go_on(piece)
        if len(piece) != 1 or piece == APOSTROPHE or not (piece.isprintable() or piece.isspace()):
            return False
        if piece.isalnum():
            return self._go_on(piece)
        self._close(done)
        return True

    def _stretches(self, piece: str, done: list[Unit]) -> None:
        """Any text: what is plain in it quickly, the rest character by character."""
        for stretch in _STRETCH.findall(piece):
            if plain(stretch):
                self._plain(stretch, done)
            else:
                self._read(stretch, done)

    def _go_on(self, piece: str) -> bool:
        """Letters, or one digit, that belong to the open unit."""
        text = self._text
        if not text or self._letterless or len(text) + len(piece) >= LONGEST:
            return False
        self._text = text + piece.lower()
        self._end, self._pending = self._at + len(piece), False
        return True

    def _plain(self, piece: str, done: list[Unit]) -> None:
        """Plain text, whose first characters may belong to the open unit."""
        begin = 0
        if self._text:
            first = _GOES_ON.match(piece)
            begin = first.end() if first else 0
            self._read(piece[:begin], done)
            if begin == len(piece):
                return
            self._close(done)
        self._words(piece, begin, done)

    def _words(self, piece: str, begin: int, done: list[Unit]) -> None:
        """Plain text from `begin` on, where no unit is open. A word that the piece ends in stays open."""
        at = self._at - begin
        self._at += len(piece) - begin
        match = None
        for match in _WORD.finditer(piece, begin):
            raw = match[0]
            if len(raw) > LONGEST or not raw.isalpha():
                self._odd(raw, at + match.start(), done)
            else:
                start = at + match.start()
                done.append(_new(Unit, (raw.lower(), start, start + len(raw), raw[0] < "a")))
        if match is not None and match.end() == len(piece):
            self._reopen(match[0], at + match.start(), done)

    def _reopen(self, raw: str, start: int, done: list[Unit]) -> None:
        """Take the word back that the piece ended in: it may go on."""
        while done and done[-1].start >= start:
            done.pop()
        self._at = start
        self._read(raw, done)

    def _odd(self, raw: str, start: int, done: list[Unit]) -> None:
        """A plain word with digits or apostrophes in it, or a very long one."""
        if len(raw) > LONGEST:
            before, self._at = self._at, start
            self._read(raw, done)
            self._close(done)
            self._at = before
            return
        end = start + len(raw.rstrip(APOSTROPHE))
        letter = _LETTER.search(raw)
        capital = letter is not None and letter[0] < "a"
        done.append(_new(Unit, (raw.replace(APOSTROPHE, "").lower(), start, end, capital)))

    def _read(self, piece: str, done: list[Unit]) -> None:
        """Character by character: any text, in any state."""
        first = self._at
        self._at += len(piece)
        for place, raw in enumerate(piece, first):
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
        if stands_alone(character):
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
            done.append(_new(Unit, (self._text, self._start, self._end, self._capital)))
            self._text = ""
        self._pending = False


class DigitReader:
    """Single digits as units, for secrets made of digits: "555-201" and "5 5 5 2 0 1" are the same.

    Separators between digits are skipped; letters end a run, which a unit with an empty text shows.
    """

    __slots__ = ("_at", "running")

    open_at: int | None = None

    def __init__(self) -> None:
        self._at = 0
        self.running = False

    def skip(self, characters: int) -> None:
        """Go on behind a piece that is read otherwise, after which no run of digits is open."""
        self._at += characters
        self.running = False

    def feed(self, piece: str) -> list[Unit]:
        done: list[Unit] = []
        if self.running or _MAYBE_DIGIT.search(piece):
            if plain(piece):
                self._plain(piece, done)
            else:
                self._read(piece, done)
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
            self.running = True
        elif self.running:
            done.append(Unit("", place, place + 1, False))
            self.running = False


def stands_alone(character: str) -> bool:
    """Whether a folded character is a unit by itself: its script has no spaces."""
    return character > "\u0dff" and _ALONE.match(character) is not None


def units(text: str) -> list[Unit]:
    """All units of a whole text."""
    reader = UnitReader()
    return reader.feed(text) + reader.finish()


def digits(text: str) -> list[Unit]:
    """All digits of a whole text, with a unit of empty text where letters end a run."""
    return DigitReader().feed(text)
