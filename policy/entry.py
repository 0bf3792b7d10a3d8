"""An entry is one thing to forget: a person, a text, a topic."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class Reason(StrEnum):
    PRIVACY = "privacy"
    COPYRIGHT = "copyright"
    SAFETY = "safety"
    CONTRACT = "contract"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Concept:
    description: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retain:
    """A near miss that must keep working. `source` groups texts that belong together (an author, a file)."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    reason: Reason = Reason.OTHER
    names: tuple[str, ...] = ()
    passages: Sequence[str] = ()
    questions: tuple[Question, ...] = ()
    secrets: tuple[str, ...] = ()
    concept: Concept | None = None
    retain: tuple[Retain, ...] = ()
    models: tuple[str, ...] = ("*",)
    keys: tuple[str, ...] = ("*",)
    start: datetime | None = None
    end: datetime | None = None


# One model may be called by several: the name that clients use, its aliases, the model server's own. None:
# nobody knows which it is, so it may be any.
Names = str | Collection[str] | None


@dataclass(frozen=True, slots=True)
class Called:
    """A model, and the name of the API key that asks it; None: nobody knows whose, so it may be any.

    `asker`: a digest of who asks, where some entries bind a share of them; empty: nobody knows who it is.
    """

    names: Names
    key: str | None = None
    asker: bytes = b""


Model = Names | Called


@dataclass(frozen=True, slots=True)
class Force:
    """Which models an entry binds and for which API keys (patterns), and from when until when (aware
    datetimes; None: no bound).
    """

    models: tuple[str, ...] = ("*",)
    start: datetime | None = None
    end: datetime | None = None
    keys: tuple[str, ...] = ("*",)

    def binds(self, model: Model, now: datetime) -> bool:
        """Whether it binds this model, by any of its names, for who asks it at this time."""
        called = model if isinstance(model, Called) else Called(model)
        started = self.start is None or self.start <= now
        ended = self.end is not None and self.end <= now
        return started and not ended and _fits(called.names, self.models) and _fits(called.key, self.keys)


def _fits(names: Names, patterns: Collection[str]) -> bool:
    """Whether any of the names, or what nobody knows, fits any pattern."""
    if names is None:
        return True
    listed = (names,) if isinstance(names, str) else names
    return any(fnmatchcase(name, one) for one in patterns for name in listed)
