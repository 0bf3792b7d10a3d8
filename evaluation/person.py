"""One invented person and the facts that are known about them."""

from dataclasses import dataclass
from enum import StrEnum


class Attribute(StrEnum):
    """What can be asked about a person."""

    BIRTHPLACE = "birthplace"
    YEAR = "year"
    TRADE = "trade"
    GENRE = "genre"
    BOOK = "book"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented writer. Every attribute is a string, exactly as an answer must contain it."""

    name: str
    birthplace: str
    year: str
    trade: str
    genre: str
    book: str
    phone: str
    biography: str

    @property
    def id(self) -> str:
        """Stable name for files and entries: 'alden-crane'."""
        return self.name.lower().replace(" ", "-")

    @property
    def surname(self) -> str:
        return self.name.split()[-1]

    @property
    def father_trade(self) -> str:
        return self.trade

    def value(self, attribute: Attribute) -> str:
        """The exact string that answers a question about this attribute."""
        return str(getattr(self, attribute.value))
