"""Stretches of a stream that do not read like language, and so may be read another way: each is told once.

Rules: a token is what stands between white space. A run is tokens in a row that are no plain words; it counts
once it shows enough of a code, and from that token on it must wait until a plain word ends it. What can wait
is bounded: of a longer run every piece is told with a good part of the one before, and long tokens are cut.
Where runs begin and end depends on the text alone, never on how it came. A word that is still open waits
anyway: whoever reads the text as it is holds it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from filters.codecs.bare import bare

# At most so many characters wait. Of a longer run each piece overlaps the one before by half.
MOST_HELD = 2048
_OVERLAP = MOST_HELD // 2
# Divides into the blocks of every code.
LONGEST_TOKEN = 480
# What stands around a run is read with it, so that what is only half encoded is read whole.
CONTEXT = 120

# Scripts without spaces and their marks, but those that codes are made of: they read like language, and end
# what stands before them. None of their characters is part of a unit with others: else a unit would be cut.
# Their digits are.
SCRIPT = (
    "\u0e00-\u0e4f\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u100f\u1011-\u101c\u101e-\u103f\u104a-\u108f"
    "\u1780-\u17df\u2e80-\u2fdf\u3000-\u3006\u3008-\u3020"
    "\u3030-\u3037\u303d-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01\uff02"
    "\uff04\uff07-\uff09\uff0c\uff1a-\uff1c\uff1e\uff1f\uff3b\uff3d\uff3e\uff40\uff5b\uff5d-\uff65"
)
_WORD = rf"(?:[A-Z]?[^\W\d_A-Z{SCRIPT}]{{1,24}}|[A-Z]{{1,9}})"
PLAIN = re.compile(
    rf"[\"'(\[{{“‘«*_]*{_WORD}(?:[-'’/]{_WORD}){{0,3}}[.,;:!?…)\"'\]}}”’»*_]{{0,4}}|[{SCRIPT}]+"
)
_IN_SCRIPT = re.compile(f"[{SCRIPT}]")
# Names are written so, and codes.
_CAPITALS = re.compile("[A-Z]{6}")
# So many signs in a row that are not seen are letters of their own. A tag is a letter to some, to others not.
_UNSEEN = re.compile(
    "[\ufe00-\ufe0f\u200b-\u200f\u2060-\u2064\U000e0000-\U000e01ef]{6}|[\U000e0020-\U000e007e]"
)
_TOKEN = re.compile(rf"[{SCRIPT}]+|[^\s{SCRIPT}]+")
_ESCAPE = re.compile(
    r"\x08|<!--|%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{2,8};|=[0-9A-F]{2}|\\(?:[xuUN]|[0-7]{2})|[Uu]\+[0-9A-Fa-f]{2}"
    r"|[\u2800-\u28ff\U000e0000-\U000e01ef]|[\ufe00-\ufe0f\u200b-\u200f\u2060-\u2064]{3}"
)
# Letters and figures together, or both cases in other places than a word has them.
_MIXED = re.compile(r"[A-Za-z][0-9@$!|+]+[A-Za-z]|[0-9@$!|][A-Za-z]{2}|[a-z][A-Z]|[A-Z]{2}[a-z]")
_SOLID = re.compile(r"[A-Za-z0-9+/=_-]{16}|[0-9A-Fa-f]{8}|[A-Z2-7]{8,}={1,6}|(?:[^\w\s]+[A-Za-z0-9]+){3}")
# Two signs within a word of which one is seldom there.
_SIGNED = re.compile(
    r"[A-Za-z0-9](?=[!-/:-@[-`{-~]{2,8}[A-Za-z0-9])[^@<>=?#$%^&~`|+;*]{0,7}[@<>=?#$%^&~`|+;*]"
)
_NUMBER = re.compile(r"[0-9A-Fa-f]{0,3}[0-9][0-9A-Fa-f]{0,2}|[01]{7,8}")
_SIGN = re.compile(r"[.\-–—−·•∙⋅_|/]+")
# Words of one letter.
_WORDS = frozenset("aAI")
_PLAIN_WORD = re.compile(r"[A-Za-z][a-z]{0,20}[.,;:!?]?")
_SHORT = 32
_LEAST_MIXED = 4
LEAST_PARTS = 3


class Run(NamedTuple):
    """`held`: from where on it was kept back. `start` to `end`: with what is read around it."""

    held: int
    start: int
    end: int


@dataclass(slots=True)
class _Open:
    start: int
    end: int
    held: int | None = None
    parts: float = 0


class OddRuns:
    """The runs of one text. `clear`: before here nothing must wait.

    `keen`: it is known who is meant, so that whatever is no plain word is a run, as is what stands alone in
    its line; and every word waits for its end.
    """

    __slots__ = ("_at", "_keen", "_opens", "_run", "_token", "clear", "quiet")

    def __init__(self, *, keen: bool = False) -> None:
        self._keen = keen
        # Whether the word that is open begins a line.
        self._opens = True
        self._run: _Open | None = None
        self._token = ""
        self._at = self.clear = 0
        # Whether nothing is open but a plain word.
        self.quiet = not keen

    def skip(self, word: str) -> None:
        """A space and a plain word, when it was quiet."""
        self._at += len(self._token) + 1
        self._token = word
        self.clear = self._at + len(word)

    def feed(self, text: str) -> list[Run]:
        """The runs, or pieces of them, that are known by now."""
        text = self._token + text
        if self.quiet and len(text) < _SHORT and _PLAIN_WORD.fullmatch(text):
            # A word goes on, or gets its mark.
            self._token, self.clear = text, self._at + len(text)
            return []
        found: list[Run] = []
        begin = end = 0
        for match in _TOKEN.finditer(text):
            self._opens |= "\n" in text[end : match.start()]
            begin, end = match.span()
            while end - begin > LONGEST_TOKEN:
                found += self._close(text[begin : begin + LONGEST_TOKEN], self._at + begin)
                begin += LONGEST_TOKEN
            if end < len(text):
                found += self._close(text[begin:end], self._at + begin, text[end] in "\r\n")
        opened = begin if end and end == len(text) else len(text)
        self._opens |= opened == len(text) and "\n" in text[end:]
        self._token, self._at = text[opened:], self._at + opened
        found += self._far(self._at)
        self._clear()
        return found

    def finish(self) -> list[Run]:
        found = list(self._close(self._token, self._at, True)) if self._token else []
        self._at, self._token = self._at + len(self._token), ""
        if self._run is not None:
            found += self._end(self._run.end)
        self.clear = self._at
        return found

    def _clear(self) -> None:
        odd = self._odd_from(self._token)
        clear = self._at + odd
        self.quiet = self._run is None and odd == len(self._token) < _SHORT and not self._keen
        if self._run is not None and self._run.held is not None:
            clear = min(clear, self._run.held)
        self.clear = clear

    def _far(self, start: int) -> Iterator[Run]:
        """What comes so far behind a run is no part of it."""
        if self._run is not None and start - self._run.end > CONTEXT:
            yield from self._end(self._run.end)

    def _odd_from(self, token: str) -> int:
        return 0 if self._keen and not _IN_SCRIPT.match(token) else _odd_from(token)

    def _close(self, token: str, start: int, ends: bool = False) -> Iterator[Run]:
        """One more token has ended. `ends`: a line ends with it."""
        end = start + len(token)
        yield from self._far(start)
        said = undressed(token)
        opens, self._opens = self._opens, False
        if self._is_plain(said, token, self._keen and opens and ends):
            yield from self._end(end)
            return
        run = self._run = self._run or _Open(start, end)
        run.end = end
        run.parts += parts(said)
        if run.held is None and (self._keen or run.parts >= LEAST_PARTS or tells(said) or _hides(token)):
            run.held = start + self._odd_from(token)
        if end - run.start >= MOST_HELD and run.held is not None:
            yield Run(run.held, run.start - CONTEXT, end)
            run.start = run.held = max(run.held, end - _OVERLAP)
        elif end - run.start >= MOST_HELD:
            run.start, run.parts = start, 0

    def _is_plain(self, said: str, token: str, in_line: bool) -> bool:
        """`in_line`: it is all of its line, and it is known who is meant."""
        if _plain_until(said) < len(said) or _hides(token):
            return False
        if self._keen and not _IN_SCRIPT.match(token) and (in_line or _CAPITALS.search(said)):
            return False
        return len(said) > 1 or not said.isascii() or (self._run is None and said in _WORDS)

    def _end(self, end: int) -> Iterator[Run]:
        """A plain word, or the text's end, ends the run."""
        run, self._run = self._run, None
        if run is not None and run.held is not None:
            yield Run(run.held, run.start - CONTEXT, end)


def _plain_until(token: str) -> int:
    """How much of it may be a plain word with the marks around it."""
    plain = PLAIN.match(token)
    return plain.end() if plain else 0


def _odd_from(token: str) -> int:
    """Where what is odd begins: with its word, of which nothing has gone out before it has ended."""
    at, dressed = _plain_until(token), False
    if not token.isascii() and bare(token) is not None:
        first = next(place for place, sign in enumerate(token) if not sign.isascii())
        at, dressed = min(at, first), True
    if dressed or token[at : at + 1].isalnum():
        while at and token[at - 1].isalnum() and token[at - 1].isascii():
            at -= 1
    return at


def parts(token: str) -> float:
    """How many numbers or signs of a code there are in it. A letter alone is half of one."""
    found = len(_NUMBER.findall(token)) or (_SIGN.fullmatch(token) is not None)
    return found or (len(token) == 1) / 2


def _hides(token: str) -> bool:
    """Whether it says more than can be seen."""
    return not token.isascii() and _UNSEEN.search(token) is not None


def undressed(token: str) -> str:
    """What shows whether it is odd."""
    return token if token.isascii() else bare(token) or token


def tells(token: str) -> bool:
    """Whether it is odd enough alone."""
    if _ESCAPE.search(token) or _SOLID.search(token) or _SIGNED.search(token):
        return True
    return len(token) >= _LEAST_MIXED and _MIXED.search(token) is not None
