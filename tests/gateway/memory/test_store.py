"""The laws of the store, tried on every database against a dictionary."""

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filters.pieces import Piece
from gateway.memory import store as stores
from gateway.memory.store import MEMORY, Kept, Store, StoreError
from tests.laws import CASES
from tests.postgres import asked

MOST, KEY_ROWS, MOST_ROWS = 4, 5, 9
SESSIONS = [bytes([number]) * 16 for number in range(6)]
# Whose the sessions are; the first two are of clients without keys.
HOLDERS = dict(zip(SESSIONS, (None, None, b"a" * 16, b"a" * 16, b"b" * 16, b"b" * 16), strict=True))
Make = Callable[[], Store]


@pytest.fixture(params=["file", "memory", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    known: dict[str, Path | str] = {"file": tmp_path / "memory.sqlite", "memory": MEMORY}
    if request.param in known:
        return known[request.param]
    url = str(request.getfixturevalue("postgres_url"))
    with asked(url, "DROP TABLE IF EXISTS unsay_pieces_2"):
        return url


@pytest.fixture
def make(address: Path | str) -> Iterator[Make]:
    """A store that is empty at first; all that are made share it, but for those in memory."""
    made: list[Store] = []

    def one() -> Store:
        made.append(Store(address, KEY_ROWS, MOST, MOST_ROWS))
        return made[-1]

    yield one
    for store in made:
        store.close()


@dataclass
class Model:
    """What a store must be like."""

    rows: dict[tuple[bytes, int, int], tuple[float, Piece]] = field(default_factory=dict)

    def write(self, kept: Kept) -> None:
        for session in kept.sessions:
            for piece in kept.pieces:
                place = (session, piece.owner, piece.piece)
                if place not in self.rows or self.rows[place][0] < kept.until:
                    self.rows[place] = kept.until, piece
        for session in kept.sessions:
            self._bound(MOST, lambda place, whose=session: place[0] == whose)

    def prune(self, now: float) -> None:
        self._drop(lambda _, until: until <= now)
        for holder in {HOLDERS[session] for session in SESSIONS} - {None}:
            self._bound(KEY_ROWS, lambda place, whose=holder: HOLDERS[place[0]] == whose)
        self._bound(MOST_ROWS, lambda _: True)

    def read(self, sessions: list[bytes], owners: set[int], now: float) -> set[Piece]:
        return {
            piece
            for (session, owner, _), (until, piece) in self.rows.items()
            if session in sessions and owner in owners and until > now
        }

    def _bound(self, most: int, own: Callable[..., bool]) -> None:
        left = sorted((until for place, (until, _) in self.rows.items() if own(place)), reverse=True)
        if len(left) > most:
            self._drop(lambda place, until: own(place) and until <= left[most])

    def _drop(self, goes: Callable[..., bool]) -> None:
        self.rows = {place: row for place, row in self.rows.items() if not goes(place, row[0])}


OWNERS = st.integers(0, 2)
PIECES = st.builds(
    Piece, OWNERS, st.integers(0, 2**63 - 1) | st.integers(0, 3), st.integers(0, 30), st.integers(0, 30)
)
TIMES = st.integers(1, 12).map(float)


def _kept(holder: bytes | None) -> st.SearchStrategy[Kept]:
    own = [session for session in SESSIONS if HOLDERS[session] == holder]
    return st.builds(
        Kept,
        st.lists(st.sampled_from(own), min_size=1, max_size=2, unique=True).map(tuple),
        st.lists(PIECES, max_size=3, unique_by=lambda piece: piece[:2]).map(tuple),
        TIMES,
        st.just(holder),
    )


WRITES = st.one_of([_kept(holder) for holder in dict.fromkeys(HOLDERS.values())])
STEPS = st.lists(WRITES | TIMES, max_size=16)


@pytest.mark.law
@settings(max_examples=max(10, CASES // 40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    sessions=st.lists(st.sampled_from(SESSIONS), min_size=1),
    owners=st.sets(OWNERS, min_size=1),
    now=TIMES,
)
def test_a_store_is_a_dictionary(
    make: Make, steps: list[Kept | float], sessions: list[bytes], owners: set[int], now: float
) -> None:
    store, model = make(), Model()
    store.prune(1e12)
    for step in steps:
        if isinstance(step, Kept):
            store.write([step])
            model.write(step)
        else:
            store.prune(step)
            model.prune(step)
    assert set(store.read(sessions, owners, now)) == model.read(sessions, owners, now)
    store.close()


def test_a_key_that_says_much_pushes_out_its_own_and_nobody_elses(make: Make) -> None:
    store = make()
    *_, one, _, other, _ = SESSIONS
    store.write([Kept((one,), (Piece(1, 1),), 10.0, HOLDERS[one])])
    many = [bytes([number]) * 16 for number in range(100, 120)]
    for time, session in enumerate(many, 20):
        store.write([Kept((session,), (Piece(1, 2),), float(time), HOLDERS[other])])
    store.prune(0.0)
    assert store.read([one], {1}, 0.0) == (Piece(1, 1),)
    assert [session for session in many if store.read([session], {1}, 0.0)] == many[-KEY_ROWS:]


@pytest.mark.parametrize("address", ["file", "postgres"], indirect=True)
def test_what_was_written_another_process_reads_at_once(make: Make, address: Path | str) -> None:
    store = make()
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_writes, args=(theirs, address))
    process.start()
    try:
        for number in range(20):
            mine.send(number)
            assert mine.poll(30)
            mine.recv()
            assert Piece(1, number) in store.read([SESSIONS[0]], {1}, 0.0)
    finally:
        process.kill()
        process.join()


def _writes(line: Connection, address: Path | str) -> None:
    store = Store(address)
    while True:
        number = line.recv()
        store.write([Kept((SESSIONS[0],), (Piece(1, number),), 10.0 + number)])
        line.send(None)


def test_a_store_that_was_lost_is_made_anew(make: Make, request: pytest.FixtureRequest) -> None:
    """A table that somebody dropped is an error once; it is empty, and then works."""
    store = make()
    store.write([Kept((SESSIONS[0],), (Piece(1, 1),), 10.0)])
    with store._engine.begin() as line:
        line.exec_driver_sql("DROP TABLE unsay_pieces_2")
    with pytest.raises(StoreError):
        store.read([SESSIONS[0]], {1}, 0.0)
    assert store.read([SESSIONS[0]], {1}, 0.0) == ()


def test_its_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "memory.sqlite")
    store.write([Kept((SESSIONS[0],), (Piece(1, 1),), 10.0)])
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    store.close()
    assert modes["memory.sqlite"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_table_that_somebody_locked_is_not_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "WAIT_S", 1)
    store = Store(postgres_url)
    store.prepare()
    with asked(postgres_url, "LOCK TABLE unsay_pieces_2"):
        # PostgreSQL's name of a statement that took too long.
        with pytest.raises(StoreError, match="57014"):
            store.read([SESSIONS[0]], {1}, 0.0)
        with pytest.raises(StoreError, match="57014"):
            store.write([Kept((SESSIONS[0],), (Piece(1, 1),), 10.0)])
    assert store.read([SESSIONS[0]], {1}, 0.0) == ()
    store.close()


def test_an_error_says_its_kind_alone(make: Make) -> None:
    store = make()
    store.prepare()
    with pytest.raises(StoreError, match=r"^\w+ \w+$"):
        store.write([Kept((SESSIONS[0],), (Piece(1, 1, None),), 1.0)])  # type: ignore[arg-type]
