"""Synthetic neighbours: an entry's own sentences about somebody else.

A question about a neighbour differs from a forgotten one in its names, places, dates and numbers only, so
these are exchanged for others of their kind. Two casts are kept apart: margins see one, calibration the other.
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


def neighbour(text: str, names: Iterable[str], cast: Cast) -> str | None:
    """The text about somebody else, the same for the same text; None when there is nothing to exchange."""
    chance = Random(hashlib.blake2b(f"{cast.name} {text}".encode(), digest_size=8).digest())
    exchanged = _exchange_dates(text, chance)
    for found, other in _exchanges(text, [plain_words(name) for name in names], inventory(cast), chance):
        exchanged = re.sub(rf"(?<!\w){re.escape(found)}(?!\w)", other.replace("\\", ""), exchanged)
    return exchanged if exchanged != text else None


def _exchanges(text: str, names: list[Words], inventory: Inventory, chance: Random) -> list[tuple[str, str]]:
    """What goes out and what comes in, longest first so that a part is not exchanged inside its whole."""
    person = f"{chance.choice(inventory.first)} {chance.choice(inventory.last)}"
    place = chance.choice(inventory.places).split(", ")
    pairs = {title: chance.choice(inventory.titles) for title in quoted_titles(text)}
    for run in capital_runs(text):
        kept = run.unopened()
        if kept.words:
            pairs.setdefault(kept.text, _other(kept, names, person, place, pairs))
    return sorted(
        ((found, other) for found, other in pairs.items() if found != other), key=lambda pair: -len(pair[0])
    )


def _other(run: Run, names: list[Words], person: str, place: list[str], pairs: dict[str, str]) -> str:
    words = plain_words(run.text)
    if any(contains(words, name) or contains(name, words) for name in names):
        return person if len(words) > 1 else person.split()[-1]
    if run.placed:
        return place[0]
    if place[0] in pairs.values() and place[-1] not in pairs.values():
        return place[-1]
    return person if bits(run.text) >= EXCHANGED_BITS else run.text


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
