"""What somebody asks of the ledger. Acts that are committed together happen together or not at all.

Rule: what goes into a record is bounded here and holds no text. Ids, reasons why and references are the
operator's own words and are shown as they were given: they must not hold what is to be forgotten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.ledger.error import Refused
from index.ledger.event import MOVES, Event, Kept, Part
from index.ledger.settings import Settings
from policy.entry import Entry
from policy.signing_key import PublicKey

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")
WHY_LETTERS = 200
REFERENCE_LETTERS = 1000
FIGURES = 32
SEGMENT_BYTES = 256 << 20

Figure = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Add:
    """Ask that an entry be forgotten. `token`: the same act again, after a lost answer, adds nothing."""

    entry: Entry
    actor: str
    why: str = ""
    source: Kept = Kept.NONE
    reference: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        _check_id("request", self.entry.id)
        _check_id("actor", self.actor)
        _check_words("why", self.why, WHY_LETTERS)
        _check_words("reference", self.reference, REFERENCE_LETTERS)
        if self.token:
            _check_id("token", self.token)
        if (self.source is Kept.REFERENCE) != bool(self.reference):
            raise Refused("expected a reference with the source `reference` and with no other")

    @property
    def request(self) -> str:
        return self.entry.id


@dataclass(frozen=True, slots=True)
class Attach:
    """Give a part of the request's segment, in place of any that it had."""

    request: str
    actor: str
    part: Part
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_about(self.request, self.actor)
        if len(self.data) > SEGMENT_BYTES:
            raise Refused(
                f"{self.request}: expected a segment of at most {SEGMENT_BYTES >> 20} MiB, found "
                f"{len(self.data) >> 20} MiB; put so many texts into the policy, or ask in several requests"
            )


@dataclass(frozen=True, slots=True)
class _OfMove:
    """`share`: of what is asked, with `enforce`."""

    request: str
    actor: str
    event: Event
    why: str = ""
    share: float = 1.0

    def __post_init__(self) -> None:
        _check_about(self.request, self.actor, self.why)
        _check_move(self.event, self.share)


@dataclass(frozen=True, slots=True)
class Move(_OfMove):
    """Bring the request into another state."""


@dataclass(frozen=True, slots=True)
class Approve(_OfMove):
    """Agree that somebody else makes this move; one to `enforce`, with this share at most."""


@dataclass(frozen=True, slots=True)
class Note:
    """Put down figures about the request: where it is in force, what a preview found."""

    request: str
    actor: str
    kind: str
    figures: Mapping[str, Figure]

    def __post_init__(self) -> None:
        _check_about(self.request, self.actor)
        _check_id("kind", self.kind)
        if len(self.figures) > FIGURES:
            raise Refused(f"{self.request}: expected at most {FIGURES} figures, found {len(self.figures)}")
        for name, figure in self.figures.items():
            _check_id("figure", name)
            if isinstance(figure, str):
                _check_id(name, figure)


@dataclass(frozen=True, slots=True)
class Shred:
    """Delete the key of the kept texts, and with it the texts; of what has ended, the segment too."""

    request: str
    actor: str
    why: str = ""

    def __post_init__(self) -> None:
        _check_about(self.request, self.actor, self.why)


@dataclass(frozen=True, slots=True)
class Configure:
    """Give the ledger other settings. `key`: by which the records after this one are signed."""

    settings: Settings
    actor: str
    key: PublicKey | None = None

    def __post_init__(self) -> None:
        _check_id("actor", self.actor)


Act = Add | Attach | Move | Approve | Note | Shred | Configure


def _check_about(request: str, actor: str, why: str = "") -> None:
    _check_id("request", request)
    _check_id("actor", actor)
    _check_words("why", why, WHY_LETTERS)


def _check_move(event: Event, share: float) -> None:
    if event not in MOVES:
        raise Refused(f"expected one of {', '.join(MOVES)}, found {event}")
    if not 0 < share <= 1:
        raise Refused("share: expected a number above 0 and at most 1; to withhold nothing, use `monitor`")
    if share < 1 and event is not Event.ENFORCE:
        raise Refused(f"share: expected one with `enforce` alone, found one with `{event}`")


def _check_id(what: str, value: str) -> None:
    if not ID.fullmatch(value):
        raise Refused(
            f"{what}: expected 1 to 128 letters, digits, `.`, `_`, `:`, `@` or `-`, a letter or digit first"
        )


def _check_words(what: str, value: str, most: int) -> None:
    if len(value) > most or not value.isprintable():
        raise Refused(f"{what}: expected at most {most} printable characters on one line")
