"""Dates in the ways that people write them: a date that is withheld must be withheld in all of them."""

import re
from collections.abc import Iterator

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH = "|".join(f"{month}|{month[:3]}" for month in MONTHS)
_NAMED_FIRST = re.compile(rf"\b({_MONTH})\.?,?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?:day\s+)?of)?\s+({_MONTH})\.?,?\s+(\d{{4}})\b", re.IGNORECASE
)
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")


def dates(text: str) -> Iterator[tuple[int, int, int]]:
    """(year, month, day). A slashed date that can be read both ways is read both ways."""
    for month, day, year in _NAMED_FIRST.findall(text):
        yield int(year), _number(month), int(day)
    for day, month, year in _DAY_FIRST.findall(text):
        yield int(year), _number(month), int(day)
    for first, second, year in _SLASHED.findall(text):
        yield int(year), int(first), int(second)
        yield int(year), int(second), int(first)
    for year, month, day in _ISO.findall(text):
        yield int(year), int(month), int(day)


def date_wordings(text: str) -> Iterator[str]:
    """Every date of the text in the common ways of writing it; punctuation does not count."""
    for year, month, day in dates(text):
        if 1 <= month <= 12 and 1 <= day <= 31:
            name, ordinal = MONTHS[month - 1], f"{day}{_suffix(day)}"
            yield f"{name} {day}, {year}"
            yield f"{name} {ordinal}, {year}"
            yield f"{day} {name} {year}"
            yield f"{ordinal} {name} {year}"
            yield f"{ordinal} of {name} {year}"
            yield f"{month:02}/{day:02}/{year}"
            yield f"{year}-{month:02}-{day:02}"


def _number(month: str) -> int:
    return next(place for place, name in enumerate(MONTHS, 1) if name[:3].casefold() == month[:3].casefold())


def _suffix(day: int) -> str:
    if 10 < day < 14:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
