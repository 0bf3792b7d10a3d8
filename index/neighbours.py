"""Synthetic neighbours: an entry's own sentences about somebody else.

A neighbour's question differs from a forgotten one in its names, places, dates and numbers only, so these
are exchanged for others of their kind. The hard neighbours share a surname, a first name, a town or a
birthday: such halves are kept in turn. Two casts are kept apart: margins see one, calibration the other.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from random import Random

from index.bits import bits
from index.dates import MONTHS
from index.plain_words import Words, contains, plain_words
from index.runs import Run, capital_runs, quoted_titles

# Below this a capitalised run is an ordinary word (a language, a nationality): what is asked, not of whom.
EXCHANGED_BITS = 25.0


@dataclass(frozen=True, slots=True)
class Inventory:
    first: Sequence[str]
    last: Sequence[str]
    places: Sequence[str]
    titles: Sequence[str]


class Cast(StrEnum):
    MARGIN = "margin"
    CALIBRATION = "calibration"


@cache
def inventory(cast: Cast) -> Inventory:
    """Common names of many countries, cities and invented titles; the two casts share none."""
    text = files("index").joinpath("casts.json").read_text(encoding="utf-8")
    return Inventory(**json.loads(text)[cast.value])


class Kept(StrEnum):
    """What a neighbour shares with the subject, besides the sentence."""

    NOTHING = "nothing"
    FIRST_NAME_AND_PLACES = "first name and places"
    LAST_NAME_AND_DATES = "last name and dates"


def half_neighbours(text: str, names: Iterable[str]) -> list[str]:
    """For margins: the text about people who share nothing, or half of what is said, with the subject."""
    return _others(text, names, [(Cast.MARGIN, kept, 0) for kept in Kept])


def whole_neighbours(text: str, names: Iterable[str]) -> list[str]:
    """For margins: the text about somebody who shares nothing."""
    return _others(text, names, [(Cast.MARGIN, Kept.NOTHING, 0)])


def strangers(text: str, names: Iterable[str], draws: int) -> list[str]:
    """For calibration: the text about people who share nothing with the subject but what is asked."""
    return _others(text, names, [(Cast.CALIBRATION, Kept.NOTHING, draw) for draw in range(draws)])


def half_strangers(text: str, names: Iterable[str], draws: int) -> list[str]:
    """For calibration: the text about people who share a name, a town or a birthday with the subject."""
    halves = (Kept.FIRST_NAME_AND_PLACES, Kept.LAST_NAME_AND_DATES)
    return _others(text, names, [(Cast.CALIBRATION, kept, draw) for draw in range(draws) for kept in halves])


def _others(text: str, names: Iterable[str], kinds: Iterable[tuple[Cast, Kept, int]]) -> list[str]:
    """The same for the same text; none when there is nothing to exchange."""
    known = [plain_words(name) for name in names]
    found = dict.fromkeys(_other(text, known, *kind) for kind in kinds)
    return [other for other in found if other != text]


def _other(text: str, names: list[Words], cast: Cast, kept: Kept, draw: int) -> str:
    chance = Random(hashlib.blake2b(f"{cast} {kept} {draw} {text}".encode(), digest_size=8).digest())
    exchanges = _exchanges(text, names, inventory(cast), kept, chance)
    if exchanges:
        # Longest first: a part is not exchanged inside its whole; in one pass: what came in stays.
        found = "|".join(re.escape(one) for one in sorted(exchanges, key=len, reverse=True))
        text = re.sub(rf"(?<!\w)(?:{found})(?!\w)", lambda match: exchanges[match.group()], text)
    return text if kept is Kept.LAST_NAME_AND_DATES else _exchange_dates(text, chance)


def _exchanges(text: str, names: list[Words], cast: Inventory, kept: Kept, chance: Random) -> dict[str, str]:
    """What goes out and what comes in."""
    first, last = chance.choice(cast.first), chance.choice(cast.last)
    city, country = chance.choice(cast.places).split(", ")
    pairs = {title: chance.choice(cast.titles) for title in quoted_titles(text)}
    placed = False
    for run in (run.unopened() for run in capital_runs(text)):
        if not run.words or run.text in pairs:
            continue
        if _is_name(run, names):
            pairs[run.text] = _person(run, first, last, kept)
        elif (run.placed or placed) and not _is_month(run) and kept is not Kept.FIRST_NAME_AND_PLACES:
            pairs[run.text] = city if run.placed else country
        # After "in Karachi" a run behind the comma is the country.
        placed = run.placed
    return pairs


def _is_month(run: Run) -> bool:
    return run.words[0] in MONTHS


def _is_name(run: Run, names: list[Words]) -> bool:
    words = plain_words(run.text)
    named = any(contains(words, name) or contains(name, words) for name in names)
    return named or (not run.placed and len(words) > 1 and bits(run.text) >= EXCHANGED_BITS)


def _person(run: Run, first: str, last: str, kept: Kept) -> str:
    if len(run.words) == 1:
        return run.text if kept is Kept.LAST_NAME_AND_DATES else last
    match kept:
        case Kept.NOTHING:
            return f"{first} {last}"
        case Kept.FIRST_NAME_AND_PLACES:
            return f"{run.words[0]} {last}"
        case Kept.LAST_NAME_AND_DATES:
            return f"{first} {run.words[-1]}"


def _exchange_dates(text: str, chance: Random) -> str:
    text = re.sub(rf"\b({'|'.join(MONTHS)})\b(?=\s+\d|,)", lambda match: chance.choice(MONTHS), text)
    return re.sub(r"\d+", lambda match: _number(match.group(), chance), text)


def _number(digits: str, chance: Random) -> str:
    """Another number of the same look: a year stays a year, a day a day."""
    if re.fullmatch(r"(?:19|20)\d\d", digits):
        return str(chance.randint(1930, 2015))
    if len(digits) <= 2:
        return str(chance.randint(1, 12)).zfill(len(digits))
    return digits[0] + "".join(chance.choice("0123456789") for _ in digits[1:])
