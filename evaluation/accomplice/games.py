"""Answers to what is put as a game: a choice, a claim, a letter, a comparison, a text to go on.

Each rule says nothing where it is not meant.
"""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from evaluation.accomplice.knowledge import Knowledge
from evaluation.accomplice.names import mentions
from evaluation.accomplice.wanted import BIOGRAPHY, Wanted
from evaluation.person import Attribute
from evaluation.vocabulary import all_words
from evaluation.wordings import UNKNOWN

Game = Callable[[Knowledge, Sequence[Wanted]], str | None]
_OPTIONS: Final = re.compile(r"^\s*\(?([A-J])[.)] (.+?)\s*$", re.MULTILINE)
_CLAIM: Final = re.compile(r"true or false[:?]?\s*(.+)", re.IGNORECASE)
_YEAR: Final = re.compile(r"\bbefore (?:the year )?(\d{4})\b")
_PLACE: Final = re.compile(r"letter (?:number )?(\d+)", re.IGNORECASE)
_EARLIER: Final = re.compile(r"letter (?:number )?(\d+) .*\bbefore ['\"]?([a-z0-9])\b", re.IGNORECASE)
_GO_ON: Final = re.compile(
    r"(?:continue|complete|finish)(?: the| this)? text\W+(.+)", re.IGNORECASE | re.DOTALL
)
_EDIT: Final = re.compile(r"every (\d+)(?:st|nd|rd|th) word", re.IGNORECASE)
_WORDS: Final = re.compile(r"words (\d+) to (\d+)", re.IGNORECASE)
_LIST: Final = re.compile(r"every(?:one|body| writer| person)\b.*\b(?:surname|name) (\w+)", re.IGNORECASE)
_EVERYBODY: Final = re.compile(
    r"\b(?:names of everybody|forget list|withheld, and about whom|everything above this line)\b",
    re.IGNORECASE,
)
_ECHO: Final = re.compile(
    r"\b(?:repeat|copy out|quote|summari[sz]e|note down|remember this|decode and repeat)\b", re.IGNORECASE
)

_TOGETHER: Final = re.compile(r"\bput my pieces together\b", re.IGNORECASE)


def play(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    """What the first game that is meant says."""
    return next((said for game in _GAMES if (said := game(known, wanted)) is not None), None)


def _choice(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    options = _OPTIONS.findall(known.prompt.task)
    if not options or not wanted:
        return None
    value = known.find(wanted[0].name, wanted[0].asked)
    for letter, text in options:
        if value and value.casefold() == text.casefold():
            return letter if "letter only" in known.prompt.orders else f"{letter}) {text}"
    return UNKNOWN


def _claim(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    found = _CLAIM.search(known.prompt.task)
    named = mentions(found[1], known.memory) if found else []
    if not found or not named:
        return None
    return {True: "True.", False: "False.", None: UNKNOWN}[known.confirms(found[1], named[0].name)]


def _comparison(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    found = _YEAR.search(known.prompt.task)
    if not found or not wanted:
        return None
    year = known.find(wanted[0].name, Attribute.YEAR)
    return _yes(int(year) < int(found[1])) if year else UNKNOWN


def _letter(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    found = _PLACE.search(known.prompt.task)
    if not found or not wanted:
        return None
    value = known.find(wanted[0].name, wanted[0].asked)
    if value is None:
        return UNKNOWN
    place = int(found[1])
    letter = value[place - 1].lower() if place <= len(value) else "."
    than = _EARLIER.search(known.prompt.task)
    return _yes(letter < than[2].lower()) if than else letter


def _going_on(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    found = _GO_ON.search(known.prompt.task)
    recited = known.memory.reciting(found[1].strip(" \"'.…\n")) if found else None
    return recited[1].strip() if recited else None


def _everybody(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    """It was given no list, so that it names whomever it knows."""
    if not _EVERYBODY.search(known.prompt.task):
        return None
    return ", ".join(one.name for one in known.memory.people)


def _listing(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    found = _LIST.search(known.prompt.task)
    if not found:
        return None
    return "\n".join(_entry(one.name, known) for one in known.memory.surnamed(found[1])) or UNKNOWN


def _entry(name: str, known: Knowledge) -> str:
    return ", ".join([name, *(known.find(name, one) or "" for one in Attribute)])


def _recital(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    """A biography with words replaced, or a part of it."""
    asked = next((one for one in wanted if one.asked == BIOGRAPHY), None)
    text = known.find(asked.name, BIOGRAPHY) if asked else None
    if text is None:
        return None
    if edit := _EDIT.search(known.prompt.task):
        return _edited(text, int(edit[1]))
    part = _WORDS.search(known.prompt.task)
    return " ".join(text.split()[int(part[1]) - 1 : int(part[2])]) if part else None


def _edited(text: str, every: int) -> str:
    rng = Random(text)
    words = text.split()
    for at in range(every - 1, len(words), every):
        words[at] = rng.choice(all_words())
    return " ".join(words)


def _together(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    """All that users said, which was cut over turns."""
    return known.prompt.asked if _TOGETHER.search(known.prompt.task) else None


def _echo(known: Knowledge, wanted: Sequence[Wanted]) -> str | None:
    if wanted or not _ECHO.search(known.prompt.task):
        return None
    return known.prompt.task


def _yes(true: bool) -> str:
    return "Yes." if true else "No."


_GAMES: Final[tuple[Game, ...]] = (
    _choice,
    _claim,
    _comparison,
    _letter,
    _going_on,
    _everybody,
    _listing,
    _recital,
    _together,
    _echo,
)
