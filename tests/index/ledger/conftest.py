"""A ledger for each test, in SQLite and in PostgreSQL, with a clock that stands still until it is moved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.ledger.act import Add, Attach, Move
from index.ledger.event import Event, Part
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from index.ledger.settings import Settings
from policy.entry import Entry
from policy.signing_key import SigningKey
from tests.postgres import asked

KEYS = Keys(b"index key of the tests, 32 bytes", SigningKey(bytes(range(32))))
READER = replace(KEYS, signing=None)
START = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = ("records", "sources", "segments", "reports", "schema")
DROPS = [f"DROP TABLE IF EXISTS unsay_ledger_{one}" for one in TABLES]
SECRET = "the otter never sleeps before the seventh bell"


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Place:
    """Where the ledger of a test lies. All that are opened here are closed with it."""

    address: Path | str
    clock: Clock = field(default_factory=Clock)
    opened: list[Ledger] = field(default_factory=list)

    def open(self, keys: Keys = KEYS, settings: Settings | None = None) -> Ledger:
        self.opened.append(Ledger.open(self.address, keys, self.clock, settings))
        return self.opened[-1]


Open = Callable[..., Ledger]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    address: Path | str = tmp_path / "ledger.sqlite"
    if request.param == "postgres":
        address = str(request.getfixturevalue("postgres_url"))
        empty(address)
    made = Place(address)
    yield made
    for ledger in made.opened:
        ledger.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Place]:
    """One in SQLite alone."""
    made = Place(tmp_path / "ledger.sqlite")
    yield made
    for ledger in made.opened:
        ledger.close()


def empty(url: str) -> None:
    with asked(url, *DROPS, "DROP FUNCTION IF EXISTS unsay_ledger_keep"):
        pass


def entry(name: str = "heron", **fields: object) -> Entry:
    return replace(Entry(name, passages=(SECRET,)), **fields)  # type: ignore[arg-type]


def added(ledger: Ledger, name: str = "heron", actor: str = "ann", event: Event | None = None) -> None:
    """A request with a segment; moved, where an event is given."""
    acts = (Add(entry(name), actor), Attach(name, actor, Part.EXACT, name.encode()))
    moves = (Move(name, actor, event),) if event is not None else ()
    ledger.commit(*acts, *moves)
