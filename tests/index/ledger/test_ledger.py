"""The laws of the ledger, in SQLite and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.chain import Head
from index.key import IndexKeyError, commitment
from index.ledger.act import Add, Attach, Configure, Move, Note, Shred
from index.ledger.error import LedgerError, Refused, Tampered, Unavailable
from index.ledger.event import Event, Kept, Part, State
from index.ledger.keys import Keys, LedgerKeyError
from index.ledger.report import Report
from index.ledger.settings import Settings
from policy.digest import entry_digest
from policy.signing_key import SigningKey
from tests.index.ledger.conftest import KEYS, READER, SECRET, START, Place, added, entry
from tests.postgres import asked

OTHER = SigningKey(bytes(32))


def test_what_one_wrote_another_reads(place: Place) -> None:
    writer, reader = place.open(), place.open(READER)
    added(writer, event=Event.ENFORCE)
    [request] = reader.requests()
    assert (request.id, request.state, request.requester, request.since) == (
        "heron",
        State.ENFORCED,
        "ann",
        START,
    )
    assert request.commitment == commitment(KEYS.index, entry_digest(entry()))
    assert reader.segment(request.segments[Part.EXACT]) == b"heron"
    assert [record.event for record in reader.read()] == ["settings", "add", "attach", "enforce"]
    assert reader.head() == writer.head()


def test_acts_happen_together_or_not_at_all(place: Place) -> None:
    ledger = place.open()
    before = ledger.head()
    with pytest.raises(Refused, match="expected the exact part"):
        ledger.commit(Add(entry(), "ann", source=Kept.ENCRYPTED), Move("heron", "ann", Event.ENFORCE))
    assert ledger.head() == before == place.open(READER).head()
    assert ledger.requests() == ()
    # What stands beside the records is gone, too, or this would meet it.
    ledger.commit(Add(entry(), "ann", source=Kept.ENCRYPTED))
    assert ledger.source("heron") == entry()


def test_the_same_act_under_a_token_is_done_once(place: Place) -> None:
    ledger = place.open()
    acts = (Add(entry(), "ann", token="t-1"), Attach("heron", "ann", Part.EXACT, b"x"))
    first = ledger.commit(*acts)
    assert place.open().commit(*acts) == first
    assert len(list(ledger.read())) == 3
    for other in (Add(entry("crane"), "ann", token="t-1"), Add(entry(names=("Al",)), "ann", token="t-1")):
        with pytest.raises(Refused, match="one of other acts"):
            ledger.commit(other)


def test_a_token_of_somebody_else_is_another(place: Place) -> None:
    ledger = place.open()
    ledger.commit(Add(entry(), "ann", token="t-1"))
    ledger.commit(Add(entry("crane"), "bob", token="t-1"))
    assert [one.id for one in ledger.requests()] == ["heron", "crane"]


def test_no_text_gets_into_a_record(place: Place) -> None:
    ledger = place.open()
    secret = entry(names=("Alden Crane",), secrets=("90210",), start=START, end=START + timedelta(days=9))
    ledger.commit(Add(secret, "ann", why="ticket 7", source=Kept.ENCRYPTED))
    ledger.commit(Attach("heron", "ann", Part.EXACT, b"x"), Note("heron", "bob", "preview", {"rows": 3}))
    said = b"\n".join(record.line for record in ledger.read()).decode().casefold()
    words = [*SECRET.split(), "alden", "90210", entry_digest(secret)]
    assert [word for word in words if len(word) > 4 and word in said] == []


def test_readers_follow_from_where_they_stand(place: Place) -> None:
    ledger = place.open()
    for name in ("a", "b", "c"):
        ledger.commit(Add(entry(name), "ann"))
    assert [record.request for record in ledger.read(1)] == ["b", "c"]
    ledger.follows(ledger.head())
    with pytest.raises(Tampered, match="record 9: expected it, found none"):
        ledger.follows(Head(10, "0" * 64))
    with pytest.raises(Tampered, match="record 3: expected the digest"):
        ledger.follows(Head(4, "0" * 64))


def test_a_long_ledger_is_read_in_pages(file: Place) -> None:
    ledger = file.open()
    ledger.commit(Add(entry(), "ann"), *(Note("heron", "bob", "n", {"n": number}) for number in range(1200)))
    assert [record.sequence for record in ledger.read()] == list(range(1202))
    assert file.open(READER).request("heron").notes == {"n": {"n": 1199}}


def test_time_ends_a_request_without_a_record(place: Place) -> None:
    ledger = place.open()
    end = START + timedelta(hours=1)
    ledger.commit(Add(entry(end=end), "ann"), Attach("heron", "ann", Part.EXACT, b"x"))
    ledger.commit(Move("heron", "ann", Event.ENFORCE))
    place.clock.pass_by(minutes=59)
    assert ledger.request("heron").state is State.ENFORCED
    place.clock.pass_by(minutes=1)
    assert (ledger.request("heron").state, ledger.request("heron").since) == (State.EXPIRED, end)
    with pytest.raises(Refused, match="found one that is expired"):
        ledger.commit(Move("heron", "ann", Event.MONITOR))
    ledger.commit(Move("heron", "ann", Event.EXPIRE))
    assert [record.event for record in ledger.read(3)] == ["expire"]


def test_a_clock_that_was_set_back_reorders_nothing(place: Place) -> None:
    ledger = place.open()
    added(ledger)
    place.clock.pass_by(days=-3)
    added(ledger, "crane")
    times = [record.at for record in ledger.read()]
    assert times == sorted(times)


def test_kept_texts_open_with_their_key_until_they_are_shredded(place: Place) -> None:
    ledger = place.open()
    whole = entry(names=("Alden",), end=START + timedelta(days=1))
    ledger.commit(Add(whole, "ann", source=Kept.ENCRYPTED), Attach("heron", "ann", Part.EXACT, b"x"))
    assert place.open(READER).source("heron") == whole
    with pytest.raises(Unavailable, match="do not open"):
        place.open(replace(READER, sources=bytes(32))).source("heron")
    ledger.commit(Shred("heron", "ann", "done"))
    with pytest.raises(Refused, match="found none"):
        ledger.source("heron")
    assert ledger.request("heron").segments != {}


def test_what_ended_is_shredded_with_its_segment(place: Place) -> None:
    ledger = place.open()
    added(ledger, event=Event.ENFORCE)
    digest = ledger.request("heron").segments[Part.EXACT]
    ledger.commit(Move("heron", "ann", Event.RESTORE), Shred("heron", "ann"))
    assert ledger.request("heron").segments == {}
    with pytest.raises(Refused, match="expected one of this ledger"):
        ledger.segment(digest)


def test_a_part_that_is_compiled_anew_takes_the_place_of_the_old(place: Place) -> None:
    ledger = place.open()
    added(ledger)
    old = ledger.request("heron").segments[Part.EXACT]
    ledger.commit(
        Attach("heron", "ann", Part.EXACT, b"new"), Attach("heron", "ann", Part.SEMANTIC, b"vectors")
    )
    segments = place.open(READER).request("heron").segments
    assert {part: ledger.segment(digest) for part, digest in segments.items()} == {
        Part.EXACT: b"new",
        Part.SEMANTIC: b"vectors",
    }
    with pytest.raises(Refused, match="read its requests anew"):
        ledger.segment(old)


def test_another_key_does_not_write_nor_is_it_trusted(place: Place) -> None:
    place.open()
    stranger = place.open(replace(KEYS, signing=OTHER))
    with pytest.raises(Unavailable, match="expected the signing key"):
        stranger.commit(Add(entry(), "eve"))
    with pytest.raises(Tampered, match="expected the signature of a trusted key"):
        place.open(replace(READER, trusted=(OTHER.public,)))
    assert place.open(replace(READER, trusted=(KEYS.signing.public,))).requests() == ()  # type: ignore[union-attr]
    with pytest.raises(Unavailable, match="expected the index key"):
        place.open(Keys(bytes(32)))


def test_a_new_key_signs_after_the_old_one_has_named_it(place: Place) -> None:
    old = place.open()
    old.commit(Add(entry("a"), "ann"))
    old.commit(Configure(Settings(), "ann", OTHER.public))
    new = place.open(replace(KEYS, signing=OTHER))
    new.commit(Add(entry("b"), "ann"))
    with pytest.raises(Unavailable, match="expected the signing key"):
        old.commit(Add(entry("c"), "ann"))
    for trusted in (OTHER.public, KEYS.signing.public):  # type: ignore[union-attr]
        reader = place.open(replace(READER, trusted=(trusted,)))
        assert [one.id for one in reader.requests()] == ["a", "b"]


def test_who_cannot_sign_begins_no_ledger_and_writes_none(place: Place) -> None:
    with pytest.raises(Unavailable, match="expected a ledger, found none"):
        place.open(READER)
    place.open()
    with pytest.raises(Unavailable, match="expected a signing key"):
        place.open(READER).commit(Add(entry(), "ann"))


def test_a_replica_reports_without_a_signing_key(place: Place) -> None:
    place.open()
    replica = place.open(READER)
    reports = [Report("one", 3, part, 7, START) for part in Part]
    replica.report(*reports)
    replica.report(*reports, Report("two", 3, Part.EXACT, 8, START))
    assert set(place.open(READER).reports("one")) == set(reports)
    assert len(replica.reports()) == 3


def test_a_report_that_was_changed_is_refused(file: Place) -> None:
    ledger = file.open()
    ledger.report(Report("one", 3, Part.EXACT, 7, START))
    with ledger._store.changing() as rows:
        rows.line.exec_driver_sql("UPDATE unsay_ledger_reports SET sequence = 9")
    with pytest.raises(Tampered, match="report of one on record 9"):
        ledger.reports()


def test_records_are_not_changed_by_a_stray_statement(place: Place) -> None:
    ledger = place.open()
    added(ledger)
    head = ledger.head()
    for statement in ("UPDATE unsay_ledger_records SET line = ''", "DELETE FROM unsay_ledger_records"):
        with pytest.raises(LedgerError, match="cannot be used"), ledger._store.changing() as rows:
            rows.line.exec_driver_sql(statement)
    assert place.open(READER).head() == head


def test_a_record_that_was_seen_does_not_go_away(place: Place) -> None:
    ledger = place.open()
    added(ledger)
    assert ledger.requests() != ()
    _without_triggers(place, "DELETE FROM unsay_ledger_records WHERE sequence = 2")
    with pytest.raises(Tampered, match="record 2: expected it as it was read before"):
        ledger.requests()


def test_a_record_in_the_middle_that_is_gone_or_changed_is_found(place: Place) -> None:
    added(place.open())
    _without_triggers(place, "DELETE FROM unsay_ledger_records WHERE sequence = 1")
    with pytest.raises(Tampered, match="record 1: expected it next, found record 2"):
        place.open(READER)


def _without_triggers(place: Place, statement: str) -> None:
    """As somebody would who owns the database."""
    if isinstance(place.address, str):
        with asked(place.address, "SET session_replication_role = replica", statement):
            return
    with place.opened[0]._store.changing() as rows:
        rows.line.exec_driver_sql("DROP TRIGGER unsay_ledger_keep_DELETE")
        rows.line.exec_driver_sql(statement)


def test_settings_of_the_first_stay_until_somebody_gives_others(place: Place) -> None:
    first = Settings(frozenset({Event.ENFORCE}), most_open=3)
    place.open(settings=first)
    later = place.open(settings=Settings())
    assert later.settings == first
    later.commit(Configure(Settings(texts_a_day=5), "ann"))
    assert place.open(READER).settings == Settings(texts_a_day=5)


def test_keys_come_from_the_environment() -> None:
    seed = bytes(range(32))
    found = Keys.gather(
        KEYS.index, environment={"UNSAY_LEDGER_KEY": seed.hex(), "UNSAY_SOURCE_KEY": "ab" * 32}
    )
    assert (found.signing, found.sources) == (SigningKey(seed), b"\xab" * 32)
    with pytest.raises(LedgerKeyError, match="expected 32 bytes"):
        Keys.gather(KEYS.index, environment={"UNSAY_LEDGER_KEY": "ab" * 24})
    with pytest.raises(IndexKeyError, match="UNSAY_SOURCE_KEY"):
        Keys.gather(KEYS.index, environment={"UNSAY_SOURCE_KEY": "no key"})
    assert "ab" not in repr(found)
