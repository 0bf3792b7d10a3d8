"""What the check of a ledger finds: whatever was changed, lost or moved, with its place."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from index.chain import Head
from index.ledger.act import Add, Attach, Configure, Move, Note, Shred
from index.ledger.event import Event, Kept, Part
from index.ledger.settings import Settings
from index.ledger.verify import export, verify
from policy.signing_key import SigningKey
from tests.corruption import corrupted
from tests.index.ledger.conftest import KEYS, Place, added, entry
from tests.postgres import asked

assert KEYS.signing is not None
TRUSTED = (KEYS.signing.public,)
OTHER = SigningKey(bytes(32))


def _fill(place: Place) -> str:
    """A ledger in which everything has happened once; gives its head."""
    ledger = place.open()
    added(ledger, event=Event.ENFORCE)
    ledger.commit(Add(entry("crane"), "bob", source=Kept.ENCRYPTED), Attach("crane", "bob", Part.EXACT, b"x"))
    ledger.commit(Add(entry("gone"), "bob", source=Kept.ENCRYPTED), Attach("gone", "bob", Part.EXACT, b"y"))
    ledger.commit(Move("gone", "bob", Event.RESTORE), Shred("gone", "bob"))
    ledger.commit(Note("crane", "ann", "preview", {"rows": 5, "blocked": 0.5}))
    head = ledger.head().previous
    ledger.close()
    return head


def test_what_was_written_is_found_right(place: Place, tmp_path: Path) -> None:
    head = _fill(place)
    found = verify(place.address, TRUSTED, [head])
    assert (found.ok, found.records, found.requests, found.head) == (True, 11, 3, head), str(found)
    file = tmp_path / "export.jsonl"
    assert export(place.address, file) == 11
    again = verify(file, TRUSTED, [head])
    assert (again.ok, again.records, again.head) == (True, 11, head), str(again)


def test_a_change_of_keys_is_followed(file: Place) -> None:
    ledger = file.open()
    ledger.commit(Configure(Settings(), "ann", OTHER.public))
    file.open(replace(KEYS, signing=OTHER)).commit(Add(entry(), "ann"))
    for trusted in (TRUSTED, (OTHER.public,), ()):
        found = verify(file.address, trusted)
        assert (found.ok, found.signer) == (True, OTHER.public.id), str(found)
    assert "expected the signature of a trusted key" in str(
        verify(file.address, (SigningKey(b"x" * 32).public,))
    )


DAMAGES = {
    "DELETE FROM unsay_ledger_records WHERE sequence = 4": "record 4: expected it next, found record 5",
    "UPDATE unsay_ledger_records SET sequence = 99 WHERE sequence = 4": "record 4: expected it next, found",
    "UPDATE unsay_ledger_segments SET data = {z} WHERE request = 'crane'": "segment crane exact: its bytes",
    "DELETE FROM unsay_ledger_segments WHERE request = 'crane'": "segment crane exact .*: expected it",
    "DELETE FROM unsay_ledger_sources": "kept texts crane: expected it, found none",
    "UPDATE unsay_ledger_sources SET sealed = {z}": "kept texts crane: their bytes are not",
    "UPDATE unsay_ledger_sources SET request = 'gone'": "kept texts crane: expected it, found none",
    "INSERT INTO unsay_ledger_sources VALUES ('gone', {z})": "kept texts gone: expected none",
}


@pytest.mark.parametrize("statement", DAMAGES)
def test_what_was_done_to_its_rows_is_found(place: Place, statement: str) -> None:
    _fill(place)
    _by_its_owner(place, statement)
    found = verify(place.address, TRUSTED)
    assert not found.ok
    with pytest.raises(AssertionError, match=DAMAGES[statement]):
        raise AssertionError(str(found))


def _by_its_owner(place: Place, statement: str) -> None:
    """The triggers do not stop whoever owns the database."""
    statement = statement.format(z=r"'\x7a'" if isinstance(place.address, str) else "x'7a'")
    if isinstance(place.address, str):
        with asked(place.address, "SET session_replication_role = replica", statement):
            return
    with closing(sqlite3.connect(place.address)) as line, line:
        for event in ("UPDATE", "DELETE"):
            line.execute(f"DROP TRIGGER unsay_ledger_keep_{event}")
        line.execute(statement)


def test_records_that_are_gone_at_the_end_show_by_a_head_from_elsewhere(place: Place) -> None:
    head = _fill(place)
    _by_its_owner(place, "DELETE FROM unsay_ledger_records WHERE sequence = 10")
    assert verify(place.address, TRUSTED).ok
    assert "records were taken out or changed" in str(verify(place.address, TRUSTED, [head]))


def test_a_ledger_written_anew_by_another_is_not_trusted(file: Place) -> None:
    stranger = file.open(replace(KEYS, signing=OTHER))
    added(stranger, event=Event.ENFORCE)
    assert verify(file.address).ok
    assert "expected the signature of a trusted key" in str(verify(file.address, TRUSTED))


@pytest.mark.parametrize("of", [4, 10])
def test_who_lacks_the_key_cannot_write_it_anew(file: Place, tmp_path: Path, of: int) -> None:
    """A chain is soon made again from any record on; its signatures are not."""
    _fill(file)
    export(file.address, tmp_path / "export")
    lines, head = (tmp_path / "export").read_bytes().splitlines(), Head()
    with (tmp_path / "forged").open("wb") as forged:
        for number, line in enumerate(lines):
            said = {k: v for k, v in orjson.loads(line).items() if k not in ("sequence", "previous")}
            said["actor"] = "eve" if number == of else said["actor"]
            written, head = (
                head.link(orjson.dumps(said)) if number >= of else (line + b"\n", head.after(line))
            )
            forged.write(written)
    found = verify(tmp_path / "forged", TRUSTED)
    assert not found.ok
    assert "expected the signature of" in str(found)


@pytest.mark.parametrize("made", [Path.mkdir, Path.touch, lambda path: path.write_bytes(b"\0" * 5000)])
def test_what_is_no_ledger_is_refused(tmp_path: Path, made: Callable[[Path], object]) -> None:
    made(tmp_path / "it")
    found = verify(tmp_path / "it")
    assert not found.ok
    assert str(tmp_path / "it") in str(found)


def damage_exports(place: Place, folder: Path, cases: int) -> list[str]:
    """How those were damaged that were not refused by name."""
    head = _fill(place)
    whole, file = folder / "whole.jsonl", folder / "damaged.jsonl"
    export(place.address, whole)
    data, rng, passed = whole.read_bytes(), random.Random(7), []
    for _ in range(cases):
        way, changed = corrupted(data, rng)
        file.write_bytes(changed)
        found = verify(file, TRUSTED, [head])
        if found.ok or found.problem is None or str(file) not in found.problem:
            passed.append(f"{way}: {found}")
    return passed


def damage_databases(place: Place, folder: Path, cases: int) -> tuple[list[str], int]:
    """The same of files of SQLite; and how many of those still said all that was said before."""
    head = _fill(place)
    assert isinstance(place.address, Path)
    with closing(sqlite3.connect(place.address)) as line:
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before, data = _said(place.address), place.address.read_bytes()
    file, rng, passed, same = folder / "damaged.sqlite", random.Random(8), [], 0
    for _ in range(cases):
        way, changed = corrupted(data, rng)
        for left in folder.glob("damaged.sqlite*"):
            left.unlink()
        file.write_bytes(changed)
        found = verify(file, TRUSTED, [head])
        if found.ok and _said(file) == before:
            same += 1
        elif found.ok or found.problem is None or str(file) not in found.problem:
            passed.append(f"{way}: {found}")
    return passed, same


def _said(file: Path) -> list[object]:
    """All rows that the ledger goes by."""
    tables = ("records", "segments", "sources")
    with closing(sqlite3.connect(file)) as line:
        return [sorted(line.execute(f"SELECT * FROM unsay_ledger_{table}")) for table in tables]


def test_damaged_exports_are_refused(file: Place, tmp_path: Path) -> None:
    assert damage_exports(file, tmp_path, 300) == []


def test_damaged_databases_are_refused_or_say_the_same(file: Place, tmp_path: Path) -> None:
    passed, same = damage_databases(file, tmp_path, 100)
    assert passed == []
    assert same < 60


@pytest.mark.long
def test_thousands_of_damaged_exports_are_refused(file: Place, tmp_path: Path) -> None:
    assert damage_exports(file, tmp_path, 5000) == []


@pytest.mark.long
def test_thousands_of_damaged_databases_are_refused_or_say_the_same(file: Place, tmp_path: Path) -> None:
    passed, same = damage_databases(file, tmp_path, 3000)
    assert passed == []
    assert same < 1800
