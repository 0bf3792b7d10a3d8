"""Where a ledger lies: how its tables grow, whose its file is, and what is done about senseless rows."""

import orjson
import pytest
from sqlalchemy import text

from index.chain import Head
from index.ledger.act import Add, Move
from index.ledger.error import LedgerError, Tampered, Unavailable
from index.ledger.event import Event, Kept
from index.ledger.store import Store
from index.ledger.tables import STEPS, migrate
from index.ledger.verify import verify
from tests.index.ledger.conftest import KEYS, READER, Place, added, entry


def test_tables_of_an_older_version_grow_and_keep_what_is_in_them(place: Place) -> None:
    store = Store(place.address)
    with store.changing() as rows:
        migrate(rows.line, STEPS[:1])
    assert store.version() == 1
    ledger = place.open()
    added(ledger)
    store.prepare()
    assert store.version() == len(STEPS)
    assert [one.id for one in ledger.requests()] == ["heron"]
    store.close()


def test_tables_of_a_newer_version_are_left_alone(place: Place) -> None:
    place.open()
    store = Store(place.address)
    with store.changing() as rows:
        rows.line.execute(text("INSERT INTO unsay_ledger_schema VALUES (99)"))
    for keys in (KEYS, READER):
        with pytest.raises(LedgerError, match="found 99: a newer Unsay made them; update"):
            place.open(keys)
    store.close()


def test_its_file_is_its_owners_alone(file: Place) -> None:
    added(file.open())
    assert not isinstance(file.address, str)
    modes = {path.stat().st_mode & 0o777 for path in file.address.parent.iterdir()}
    assert modes == {0o600}


def test_a_file_that_is_damaged_is_not_taken_for_an_empty_one(file: Place) -> None:
    assert not isinstance(file.address, str)
    file.address.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    file.address.chmod(0o600)
    with pytest.raises(Tampered, match=f"{file.address}: the file is damaged"):
        file.open()


def test_a_file_whose_tables_have_no_sense_is_damaged(file: Place) -> None:
    """SQLite quotes them in its message, which is then no text."""
    file.open().close()
    assert not isinstance(file.address, str)
    data = file.address.read_bytes()
    file.address.write_bytes(data.replace(b"CREATE TABLE", b"CREATE \xb5\xb5\xb5\xb5\xb5"))
    for wal in file.address.parent.glob("*-wal"):
        wal.unlink()
    with pytest.raises(Tampered, match=f"{file.address}: the file is damaged"):
        file.open()


def test_a_database_that_is_not_there_is_unavailable(file: Place) -> None:
    file.address = "postgresql://ann@127.0.0.1:1/ledger"
    with pytest.raises(Unavailable, match="the ledger's database cannot be reached: ConnectionRefusedError"):
        file.open()


def test_what_ended_does_not_begin_again_whoever_signs_it(file: Place) -> None:
    """The table of moves binds the holder of the key, too."""
    ledger = file.open()
    added(ledger)
    ledger.commit(Move("heron", "ann", Event.RESTORE))
    _sign(file, ledger.head(), {"event": "enforce", "body": {"why": "", "share": 1.0}})
    with pytest.raises(Tampered, match="record 4 has a body that makes no sense"):
        ledger.requests()
    assert "record 4 has a body" in str(verify(file.address))


@pytest.mark.parametrize(
    "said",
    [
        {"event": "note", "body": {}},
        {"event": "move", "body": {}},
        {"event": "add", "body": {}},
        {"event": "attach", "body": {"part": "none", "sha256": ""}},
        {"event": "note", "body": [], "actor": 3},
        {"event": "note", "at": "now", "body": {"kind": "n", "figures": {}}},
        {"event": "note", "at": "2025-01-01T00:00:00+00:00", "body": {"kind": "n", "figures": {}}},
    ],
    ids=str,
)
def test_a_signed_record_that_makes_no_sense_is_refused(file: Place, said: dict[str, object]) -> None:
    ledger = file.open()
    added(ledger)
    _sign(file, ledger.head(), said)
    with pytest.raises(Tampered, match="record 3"):
        ledger.requests()


def _sign(place: Place, head: Head, said: dict[str, object]) -> None:
    """Append a record past all rules, as whoever has the key could."""
    whole = {"at": "2026-01-02T00:00:00+00:00", "actor": "ann", "request": "heron", **said}
    line, _ = head.link(orjson.dumps(whole), KEYS.signing)
    store = Store(place.address)
    with store.writing() as rows:
        rows.append(head.sequence, line[:-1])
    store.close()


def test_kept_texts_open_for_their_own_request_alone(file: Place) -> None:
    ledger = file.open()
    ledger.commit(*(Add(entry(name), "ann", source=Kept.ENCRYPTED) for name in ("a", "b")))
    with ledger._store.changing() as rows:
        rows.line.execute(text("UPDATE unsay_ledger_sources SET request = 'c' WHERE request = 'a'"))
        rows.line.execute(text("UPDATE unsay_ledger_sources SET request = 'a' WHERE request = 'b'"))
    with pytest.raises(Unavailable, match="a: its kept texts do not open"):
        ledger.source("a")
    with pytest.raises(Tampered, match="b: expected its kept texts, found none"):
        ledger.source("b")


def test_kept_texts_that_were_changed_are_refused(file: Place) -> None:
    ledger = file.open()
    ledger.commit(Add(entry(), "ann", source=Kept.ENCRYPTED))
    with ledger._store.changing() as rows:
        sealed = bytearray(rows.source("heron") or b"")
        sealed[-1] ^= 1
        rows.line.execute(text("UPDATE unsay_ledger_sources SET sealed = :new"), {"new": bytes(sealed)})
    with pytest.raises(Tampered, match="heron: its kept texts are not what was sealed"):
        ledger.source("heron")
