"""The ledger: forget and restore requests, appended under a lock, folded into what holds now.

Rules, tried over SQLite and PostgreSQL by tests/index/ledger/test_laws.py:
1. What one `commit` is given is written together or not at all. When it has returned it is on the disk.
2. However many write at once, records are numbered without a gap and each follows from the one before.
3. What is read was checked: each record follows from the one before it, and the last is signed by a trusted
   key. A ledger that lost records this process has seen is refused.
4. Nothing is read into the past: the same records give the same requests.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from threading import RLock
from typing import Self

from index.chain import Head
from index.key import key_id
from index.ledger.act import Act, Add, Configure
from index.ledger.catching_up import caught_up, head_after, next_record
from index.ledger.entering import enter, same
from index.ledger.error import LedgerError, Refused, Tampered, Unavailable
from index.ledger.event import Kept
from index.ledger.fold import Fold
from index.ledger.keys import Keys
from index.ledger.record import RECORD_BYTES, Record, written
from index.ledger.report import Report
from index.ledger.request import Request
from index.ledger.rows import PAGE, Rows
from index.ledger.sealed import fingerprint, unseal
from index.ledger.settings import Settings
from index.ledger.store import Store
from index.ledger.waiting import Waiting
from policy.entry import Entry
from policy.signing_key import PublicKey

Clock = Callable[[], datetime]
FOUNDER = "unsay"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Open it after a fork. Any thread may use it; who waits needs one of its own."""

    def __init__(self, store: Store, keys: Keys, clock: Clock = utc_now) -> None:
        self._store, self._keys, self._clock = store, keys, clock
        self._fold = Fold()
        self._lock = RLock()
        self._waiting = Waiting(store.address, store.last)

    @classmethod
    def open(
        cls, address: Path | str, keys: Keys, clock: Clock = utc_now, settings: Settings | None = None
    ) -> Self:
        """The ledger there, checked. Who can sign begins one where there is none, with these settings."""
        store = Store(address)
        try:
            ledger = cls(store, keys, clock)
            ledger._begin(settings or Settings())
        except BaseException:
            store.close()
            raise
        return ledger

    def commit(self, *acts: Act) -> tuple[Record, ...]:
        """Do all of it or nothing. What was done under the same token is told again, not done again."""
        with self._lock:
            with self._store.writing() as rows:
                self._fold = self._caught_up(rows)
                if done := self._done(acts, rows):
                    return done
                fold = self._fold.copy()
                records = tuple(self._append(act, fold, rows) for act in acts)
                rows.tell()
            # The transaction has ended well: now it is so.
            self._fold = fold
            return records

    def read(self, after: int = -1) -> Iterator[Record]:
        """The records after this one, each checked against the one before it."""
        with self._store.reading() as rows:
            head = head_after(after, rows, self._store.place)
        while True:
            with self._store.reading() as rows:
                page = rows.lines(head.sequence)
            for sequence, line in page:
                record = next_record(sequence, line, head, self._store.place)
                head = record.head
                yield record
            if len(page) < PAGE:
                return

    def refresh(self) -> None:
        """Take up what others wrote."""
        with self._lock, self._store.reading() as rows:
            self._fold = self._caught_up(rows)

    def requests(self, now: datetime | None = None) -> tuple[Request, ...]:
        """Every request as it is at this time, in the order in which they came."""
        self.refresh()
        now = now or self._clock()
        with self._lock:
            return tuple(one.at(now) for one in self._fold.requests.values())

    def request(self, request: str, now: datetime | None = None) -> Request:
        self.refresh()
        with self._lock:
            found = self._fold.requests.get(request)
        if found is None:
            raise Refused(f"{request}: expected a request of this ledger, found none")
        return found.at(now or self._clock())

    def head(self) -> Head:
        """Where the chain stands: the next record's number, and the digest of the last one."""
        self.refresh()
        return self._fold.head

    @property
    def settings(self) -> Settings:
        return self._fold.settings

    @property
    def key(self) -> PublicKey:
        """By which its records are signed now."""
        if self._fold.key is None:
            raise Unavailable(f"{self._store.place}: expected a ledger, found none that was begun")
        return self._fold.key

    def follows(self, head: Head) -> None:
        """Raises Tampered unless what this head stands for is still there, unchanged."""
        with self._store.reading() as rows:
            found = head_after(head.sequence - 1, rows, self._store.place)
        if found != head:
            raise Tampered(
                f"{self._store.place}: record {head.sequence - 1}: expected the digest {head.previous}, "
                "found another"
            )

    def segment(self, sha256: str) -> bytes:
        with self._store.reading() as rows:
            data = rows.segment(sha256)
        if data is None:
            raise self._missing(sha256)
        if fingerprint(data) != sha256:
            raise Tampered(f"{self._store.place}: segment {sha256}: its bytes are not what was written")
        return data

    def source(self, request: str) -> Entry:
        """The texts of a request that were kept encrypted."""
        known = self.request(request)
        with self._store.reading() as rows:
            sealed = rows.source(request)
        if sealed is None and known.source is Kept.ENCRYPTED:
            raise Tampered(f"{request}: expected its kept texts, found none, and no record that deletes them")
        if sealed is None:
            raise Refused(f"{request}: expected texts that are kept encrypted, found {known.source}")
        return unseal(sealed, request, known.commitment, self._keys.wrapping)

    def report(self, *reports: Report) -> None:
        """Say what is in force in a replica. It needs the index key alone; the same again is nothing."""
        with self._store.changing() as rows:
            for report in reports:
                rows.put_report(report, report.seal(self._keys.index))

    def reports(self, replica: str | None = None) -> tuple[Report, ...]:
        """What replicas said, or this one. Raises Tampered where a seal does not hold."""
        with self._store.reading() as rows:
            found = rows.reports(replica)
        for report, seal in found:
            if not compare_digest(report.seal(self._keys.index), seal):
                raise Tampered(
                    f"{self._store.place}: report of {report.replica} on record {report.sequence}: "
                    "expected its seal, found one that does not hold"
                )
        return tuple(report for report, _ in found)

    def wait(self, after: int, timeout_s: float) -> bool:
        """Whether there is a record after this one; wait for one so long. Not for several threads."""
        return self._waiting.wait(after, timeout_s)

    def close(self) -> None:
        self._waiting.close()
        self._store.close()

    def _begin(self, settings: Settings) -> None:
        if self._keys.signing is None and self._store.version() == 0:
            raise Unavailable(
                f"{self._store.place}: expected a ledger, found none; `unsay forget` begins one"
            )
        if self._keys.signing is not None:
            self._store.prepare()
            self._found(settings)
        self.refresh()
        if self._fold.index_key not in ("", key_id(self._keys.index)):
            raise Unavailable(
                f"{self._store.place}: expected the index key {self._fold.index_key}, found "
                f"{key_id(self._keys.index)}: the ledger belongs to another"
            )

    def _caught_up(self, rows: Rows) -> Fold:
        return caught_up(self._fold, rows, self._keys.trusted, self._store.place)

    def _found(self, settings: Settings) -> None:
        """The first record, by one of those who begin together."""
        with self._lock, self._store.writing() as rows:
            if rows.last() < 0:
                self._append(Configure(settings, FOUNDER), self._fold.copy(), rows)

    def _append(self, act: Act, fold: Fold, rows: Rows) -> Record:
        signing = self._keys.signing
        if signing is None:
            raise Unavailable("expected a signing key to write with, found none: set UNSAY_LEDGER_KEY")
        if fold.key not in (None, signing.public):
            raise Unavailable(
                f"{self._store.place}: expected the signing key {fold.key and fold.key.id}, "
                f"found {signing.public.id}"
            )
        # A clock that was set back does not put records before those of others.
        now = max(self._clock(), fold.at) if fold.at is not None else self._clock()
        entered = enter(act, fold, now, self._keys, rows)
        said = written(now, entered.actor, entered.request, entered.event, entered.body)
        line, _ = fold.head.link(said, signing)
        if len(line) > RECORD_BYTES:
            raise Refused(f"{entered.request}: expected a record of at most {RECORD_BYTES} bytes, found more")
        record = Record.read(line[:-1], self._store.place)
        fold.take(record, self._store.place)
        rows.append(record.sequence, record.line)
        return record

    def _done(self, acts: tuple[Act, ...], rows: Rows) -> tuple[Record, ...]:
        """What the same acts left behind, if they were done before."""
        first = next((place for place, act in enumerate(acts) if self._before(act) is not None), None)
        if first is None:
            return ()
        start = (self._before(acts[first]) or 0) - first
        records = [Record.read(line, self._store.place) for _, line in rows.lines(max(0, start), len(acts))]
        if start < 0 or len(records) != len(acts) or not all(map(self._same, acts, records)):
            raise Refused("token: expected one that stood for nothing yet, found one of other acts")
        return tuple(records)

    def _before(self, act: Act) -> int | None:
        return self._fold.tokens.get((act.actor, act.token)) if isinstance(act, Add) and act.token else None

    def _same(self, act: Act, record: Record) -> bool:
        return same(act, record, self._keys)

    def _missing(self, sha256: str) -> LedgerError:
        self.refresh()
        for one in self._fold.requests.values():
            for part, digest in one.segments.items():
                if digest == sha256:
                    return Tampered(f"{self._store.place}: {one.id}: expected its {part} segment, found none")
        return Refused(f"segment {sha256}: expected one of this ledger, found none; read its requests anew")
