"""The process that follows the ledger: it waits, fetches, merges, and tells the parent of the workers.

Rules: one thing at a time: nothing is made before what was made last is in force, or is known not to be. What
the ledger lost is still wanted here. A ledger that says what it cannot have said is not listened to. With the
parent it ends.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from gateway.audit.log import AuditLog
from gateway.config_ledger import LedgerAddress, Unreachable
from gateway.errors import Json
from gateway.following.contact import Contact
from gateway.following.folder import Folder
from gateway.following.merging import Levels, merge, settled
from gateway.following.standing import Failed, InForce, NotTaken, Rebase, Standing, Told
from gateway.following.wanted import StateError, Wanted, Wish
from gateway.place import place
from index.ledger.error import LedgerError, Unavailable
from index.ledger.event import Part
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from index.ledger.report import Report
from index.publishing import remove_old
from index.segment.error import SegmentError
from index.snapshot import Snapshot, SnapshotError
from policy.signing_key import PublicKey

log = logging.getLogger("unsay")

RETRY_S = 5.0
TOLD = (LedgerError, SnapshotError, SegmentError, StateError, OSError)


@dataclass(frozen=True, slots=True)
class Start:
    """What a follower works with. `audit` opens the log; `replica` is what the gateway is called."""

    ledger: LedgerAddress
    snapshot: Path
    key: bytes
    contact: Contact
    replica: str
    audit: Callable[[], AuditLog]


def follow(start: Start, line: Connection) -> None:
    """Until the parent is gone."""
    Follower(start, line).run()


class _Look:
    """It is time to look at the ledger."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was enforced some time ago is below now, of this policy; None: it could not be done."""

    levels: Levels | None


class Follower:
    def __init__(self, start: Start, line: Connection) -> None:
        self._start, self._line = start, line
        self._folder = Folder.beside(start.snapshot)
        self._folder.make()
        self._audit = start.audit()
        self._ledger: Ledger | None = None
        self._happened: queue.SimpleQueue[Told | _Look | _Settled] = queue.SimpleQueue()
        self._looked = threading.Event()
        self._wanted = self._folder.wanted(start.key)
        self._made: Standing | None = None
        self._owed: Standing | None = None
        self._unheard = self._failed = ""
        self._reported: set[tuple[int, Part]] = set()
        self._wishes_made: tuple[Wish, ...] | None = None
        self._retry_at = 0.0
        self._in_force: frozenset[str] = frozenset()
        self._levels: Levels | None = None
        # Levels that generations are made of from now on, and those that the last one was made of.
        self._settling = self._levels_due = False

    def run(self) -> None:
        # What of the ledger cannot be reached is told here, in one line.
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
        threading.Thread(target=self._hear, name="line", daemon=True).start()
        self._begin()
        while True:
            self._turn(self._next())

    def _begin(self) -> None:
        self._look()
        if self._wanted is None:
            self._fail(f"the ledger cannot be reached, and nothing is kept of it: {self._unheard}")
        elif self._unheard and self._start.ledger.on_unreachable is Unreachable.CLOSED:
            self._fail(f"the ledger cannot be reached: {self._unheard}")
        else:
            self._rebase()

    def _next(self) -> Told | _Look | _Settled:
        # Without a ledger nobody waits for it, and it is tried again now and then.
        patience_s = None if self._ledger is not None else self._start.ledger.poll_s
        try:
            return self._happened.get(timeout=patience_s)
        except queue.Empty:
            return _Look()

    def _turn(self, happened: Told | _Look | _Settled) -> None:
        match happened:
            case InForce(standing):
                self._put_in_force(standing)
            case NotTaken():
                self._owed = self._levels = None
                self._folder.drop_base()
                self._make(self._folder.base)
            case Rebase():
                self._rebase()
            case _Settled(levels):
                self._take_settled(levels)
            case _Look():
                self._look()
                self._looked.set()
        self._make_if_due()

    # The ledger.

    def _look(self) -> None:
        try:
            ledger = self._reached()
            wanted = Wanted.of(ledger.head(), ledger.requests())
            self._fetch(ledger, wanted)
        except (LedgerError, StateError, OSError) as error:
            self._unreached(str(error))
            return
        if self._unheard:
            log.warning("the ledger is followed again")
            self._note(state="reached")
        self._unheard = ""
        self._start.contact.heard()
        if wanted != self._wanted:
            self._folder.keep(wanted, self._start.key)
            self._wanted = wanted
        if self._owed is None:
            self._report()

    def _reached(self) -> Ledger:
        if self._ledger is None:
            trusted = tuple(map(PublicKey.parse, self._start.ledger.trusted))
            ledger = Ledger.open(self._start.ledger.address, Keys(self._start.key, trusted=trusted))
            try:
                if self._wanted is not None:
                    ledger.follows(self._wanted.head)
            except BaseException:
                ledger.close()
                raise
            self._ledger = ledger
            threading.Thread(target=self._wait, args=(ledger,), name="ledger", daemon=True).start()
        return self._ledger

    def _fetch(self, ledger: Ledger, wanted: Wanted) -> None:
        for name in {name for wish in wanted.wishes for name in wish.segments}:
            if not self._folder.holds(name):
                self._folder.put(name, ledger.segment(name))

    def _unreached(self, why: str) -> None:
        if why != self._unheard:
            log.error("the ledger cannot be followed, and what it said last stays in force: %s", why)
            self._note(state="unreachable")
        self._unheard = why

    def _wait(self, ledger: Ledger) -> None:
        """Says when to look: when there is something new, and from time to time, so that it is heard of."""
        poll_s = self._start.ledger.poll_s
        while True:
            after = self._wanted.sequence if self._wanted is not None else -1
            try:
                ledger.wait(after, poll_s)
            except Unavailable:
                time.sleep(poll_s)
            self._looked.clear()
            self._happened.put(_Look())
            self._looked.wait()
            if self._unheard:
                # What it says is not believed: that does not change by asking at once.
                time.sleep(poll_s)

    # What is made of it.

    def _rebase(self) -> None:
        """Make everything anew of the policy's snapshot as it is now."""
        self._owed = self._levels = None
        try:
            self._folder.drop_base()
            if not self._folder.bases_are_same(self._start.snapshot):
                self._folder.copy_base(self._start.snapshot)
        except TOLD as error:
            self._fail(str(error))
            return
        base = self._folder.next_base
        self._make(base if base.is_dir() else self._folder.base)

    def _make_if_due(self) -> None:
        made, wanted = self._made, self._wanted
        if self._owed is not None or made is None or wanted is None or time.monotonic() < self._retry_at:
            return
        if wanted.wishes != self._wishes_made or self._levels_due:
            self._make(self._folder.base)
        elif wanted.sequence != made.sequence:
            self._made = Standing(wanted.sequence, made.made, made.contents, made.pending)
            self._start.contact.put_in_force(wanted.sequence)

    def _make(self, base: Path) -> None:
        wanted = self._wanted
        assert wanted is not None
        try:
            levels = self._loaded(base)
            made = merge(levels, wanted, self._folder, self._start.key, self._may_miss(wanted))
        except TOLD as error:
            self._fail(str(error))
        except Exception as error:
            # Its message may hold text.
            self._fail(f"{type(error).__name__} in {place(error)}")
        else:
            self._levels_due = False
            contents = levels.base.manifest.contents
            self._offer(Standing(wanted.sequence, made, contents, wanted.pending), wanted)

    def _loaded(self, base: Path) -> Levels:
        """Once for each: to check it takes as long as it is large."""
        if self._levels is None or self._levels.base.place[0] != base:
            self._levels = Levels.of(Snapshot.load(base, self._start.key, self._folder.checked))
        return self._levels

    def _settle_if_due(self) -> None:
        made, wanted = self._made, self._wanted
        if made is None or wanted is None or not made.made.outgrown or self._settling:
            return
        try:
            levels = self._loaded(self._folder.base)
        except TOLD as error:
            log.warning("requests could not be settled: %s", error)
            return
        self._settling = True
        threading.Thread(target=self._settle, args=(levels, wanted), name="settling", daemon=True).start()

    def _settle(self, levels: Levels, wanted: Wanted) -> None:
        """Beside what goes on. What it needs may be gone meanwhile: then it is done another time."""
        made: Levels | None = None
        try:
            made = settled(levels, wanted, self._folder, self._start.key)
        except Exception as error:
            # Its message may hold text.
            log.warning("requests could not be settled (%s in %s)", type(error).__name__, place(error))
        self._happened.put(_Settled(made))

    def _take_settled(self, levels: Levels | None) -> None:
        self._settling = False
        if levels is not None and self._levels is not None and levels.policy is self._levels.policy:
            self._levels, self._levels_due = levels, True
            remove_old(self._folder.settled, levels.settled.below.snapshot.generation)

    def _may_miss(self, wanted: Wanted) -> frozenset[str]:
        """What came since the start may be wrong; what is in force stays in force."""
        if self._made is None:
            return frozenset()
        return frozenset(wish.request for wish in wanted.wishes) - self._in_force

    def _offer(self, standing: Standing, wanted: Wanted) -> None:
        self._owed, self._wishes_made, self._failed = standing, wanted.wishes, ""
        self._line.send(standing)

    def _fail(self, why: str) -> None:
        self._retry_at = time.monotonic() + RETRY_S
        if why != self._failed:
            self._note(state="failed")
        self._failed = why
        self._line.send(Failed(why))

    def _put_in_force(self, standing: Standing) -> None:
        if standing != self._owed:
            return
        self._owed, self._made = None, standing
        wishes = self._wishes_made or ()
        self._in_force = frozenset(wish.request for wish in wishes) - set(standing.made.missed)
        if standing.made.missed:
            log.error("requests that cannot come into force: %s", ", ".join(standing.made.missed))
        if self._folder.next_base.is_dir():
            self._folder.take_base()
            self._levels = None
        self._start.contact.put_in_force(standing.sequence)
        self._note(state="in_force", record=standing.sequence, generation=standing.made.enforced)
        self._report()
        self._folder.remove_old(standing.made)
        self._settle_if_due()

    def _report(self) -> None:
        """Tell the ledger what is in force here, once."""
        if self._ledger is None or self._made is None or self._made.made.missed:
            return
        parts = (Part.EXACT,) if self._made.pending else (Part.EXACT, Part.SEMANTIC)
        due = [part for part in parts if (self._made.sequence, part) not in self._reported]
        if not due:
            return
        now = datetime.now(UTC)
        where = self._start.replica, self._made.sequence
        with suppress(LedgerError):
            self._ledger.report(*(Report(*where, part, self._made.made.enforced, now) for part in due))
            self._reported = {(self._made.sequence, part) for part in parts}

    def _note(self, **said: object) -> None:
        line: Json = {"event": "ledger", "at": round(time.time(), 3), "replica": self._start.replica, **said}
        self._audit.note(line)

    # The parent.

    def _hear(self) -> None:
        """Nobody reads what is said once the parent is gone."""
        with suppress(OSError, EOFError):
            while True:
                self._happened.put(self._line.recv())
        os._exit(0)
