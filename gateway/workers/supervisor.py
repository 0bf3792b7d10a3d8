"""The parent of a gateway's workers. It serves nothing: it forks them, replaces them, and watches the files.

Rules: it has no threads, because a fork would not copy them. What it hands to its workers was read and opened
without an error; until then the last good one stays in force. SIGTERM and SIGINT drain, a second one ends at
once; SIGHUP reads all files again.
"""

import logging
import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from gateway.config import Config
from gateway.following.contact import Contact
from gateway.following.following import Following
from gateway.following.standing import Failed, InForce, NotTaken, Rebase, Standing
from gateway.limits.admission import shared_table, workers
from gateway.limits.under_way import UnderWay
from gateway.metrics import forget_process
from gateway.models import configured_names, warn_of_unbound
from gateway.place import place
from gateway.protection import Protection
from gateway.server import base_url, bind
from gateway.workers.beside import following_of
from gateway.workers.child import Child, Family
from gateway.workers.crew import GRACE_S, Crew
from gateway.workers.reload import Reading, Unread, Watch
from gateway.workers.shared import Shared
from gateway.workers.signals import Signals
from gateway.workers.source import TOLD, Found, Opened, Source
from gateway.workers.worker import Post, Take, work
from index.bits import word_bits
from index.key import commitment
from policy.binding import Bound
from policy.digest import contents_digest

log = logging.getLogger("unsay")

ENDING = (signal.SIGINT, signal.SIGTERM)
AT_ONCE_S = 2.0

Told = Callable[[str], None]


def serve(source: Source, found: Found, on_ready: Told | None = None) -> None:
    """Blocks. `on_ready` gets the base URL, `/v1` included, once all workers accept requests."""
    with ExitStack() as stack:
        listen = found.config.listen
        # A port in use is told before anything runs.
        listener = stack.enter_context(bind(listen.host, listen.port))
        terminal = on_terminal()
        signals = stack.enter_context(Signals((*ENDING, signal.SIGHUP)))
        numbers = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unsay-")))
        family, contact = Family(), None if found.config.ledger is None else Contact.new()
        following = None if contact is None else following_of(family, source, found, listener, contact)
        if following is not None:
            stack.callback(following.stop)
            found = replace(found, standing=following.first())
        opened = source.open(found)
        shared = Shared(shared_table(), None, numbers, contact)
        post = Post(source, listener, Take(found, None), opened, shared)
        preload(post)
        _warn(post)
        ready = partial(on_ready or _nobody, base_url(listen.host, listener))
        Supervisor(post, signals, ready, terminal, family, following).run()


class Supervisor:
    """`following`: who follows the ledger, where one is followed. What it makes is put in force like what is
    read from files, and it is told once that is in force in every worker.
    """

    def __init__(
        self,
        post: Post,
        signals: Signals,
        on_ready: Callable[[], None],
        terminal: bool,
        family: Family,
        following: Following | None = None,
    ) -> None:
        self._post, self._signals, self._on_ready, self._terminal = post, signals, on_ready, terminal
        self._family, self._following = family, following
        # Read, and waiting for what the ledger adds to it; put in force, and not yet in every worker.
        self._candidate: Found | None = None
        self._owed = post.taken.found.standing
        self._workers = workers(self._config.listen.workers)
        self._counted: dict[int, UnderWay] = {}
        self._crew = Crew(self._begin, self._ended)
        self._watch = Watch(post.taken.found.sight)
        self._reading: Reading | None = None
        self._again = self._ending = self._told = False

    def run(self) -> None:
        """Until told to end, and all workers have ended."""
        try:
            self._crew.start(self._config.listen.workers)
            while not self._ending:
                self._read_if_due()
                self._wait(self._patience_s())
                self._crew.look()
                self._crew.replace()
                self._tell_ready()
                self._finish_reading()
                self._follow()
            self._drain()
        finally:
            self._crew.kill()
            if self._reading is not None:
                self._reading.stop()

    @property
    def _config(self) -> Config:
        return self._post.taken.found.config

    def _begin(self) -> Child:
        counted = self._workers.born()
        shared = replace(self._post.shared, under_way=counted)
        child = self._family.fork("worker", partial(work, replace(self._post, shared=shared)))
        self._counted[child.pid] = counted
        return child

    def _ended(self, pid: int) -> None:
        if self._post.shared.numbers is not None:
            forget_process(self._post.shared.numbers, pid)
        self._workers.gone(self._counted.pop(pid))

    def _tell_ready(self) -> None:
        if not self._told and self._crew.complete:
            self._told = True
            self._on_ready()

    # What happens.

    def _wait(self, most_s: float | None) -> list[signal.Signals]:
        """For anything to happen; the signals that came."""
        happens: list[Any] = [self._signals, *self._crew.waits_for()]
        if self._reading is not None:
            happens.append(self._reading.line)
        if self._following is not None:
            happens += self._following.waits_for()
        wait(happens, most_s)
        came = self._signals.came()
        for number in came:
            if number in ENDING or (self._terminal and not on_terminal()):
                self._ending = True
            else:
                self._again = True
        return came

    def _patience_s(self) -> float | None:
        watches = self._reading is None and self._config.reload.watch_s > 0
        follows_s = None if self._following is None else self._following.wait_s()
        waits = (self._crew.wait_s(), self._watch.wait_s() if watches else None, follows_s)
        return min((wait_s for wait_s in waits if wait_s is not None), default=None)

    # New files.

    def _read_if_due(self) -> None:
        if self._reading is not None or self._candidate is not None:
            return
        watch_s = self._config.reload.watch_s
        if self._again or (watch_s > 0 and self._watch.due(watch_s)):
            self._again = False
            self._reading = Reading(self._family, self._post.source, self._post.taken.found)

    def _finish_reading(self) -> None:
        if self._reading is None or not self._reading.line.poll():
            return
        result, self._reading = self._reading.result(), None
        if isinstance(result, Unread):
            self._keep(result.said)
        else:
            self._watch.took(result.sight)
            self._take(result)

    def _take(self, found: Found) -> None:
        if self._following is None:
            self._try(found)
        else:
            self._candidate = found
            self._following.tell(Rebase())

    # What the ledger adds.

    def _follow(self) -> None:
        following = self._following
        if following is None:
            return
        for said in following.heard():
            if isinstance(said, Failed):
                self._not_made(said.said)
            else:
                self._made(said)
        following.replace()
        if self._owed is not None and self._crew.has_taken:
            following.tell(InForce(self._owed))
            self._owed = None

    def _made(self, standing: Standing) -> None:
        """Put it in force with the policy that it was made of."""
        candidate, last = self._candidate, self._post.taken.found
        if candidate is not None and self._is_of(candidate, standing):
            self._candidate = None
            found = candidate
        elif self._is_of(last, standing):
            found = last
        else:
            # Made of files that are being read: it is made again when they have been.
            return
        self._owed = None
        if self._try(replace(found, standing=standing)):
            self._owed = standing
        elif self._following is not None:
            self._following.tell(NotTaken())

    def _is_of(self, found: Found, standing: Standing) -> bool:
        digest = contents_digest(found.policy)
        return commitment(self._post.source.key, digest) == standing.contents

    def _not_made(self, why: str) -> None:
        problems = () if self._candidate is None else self._candidate.problems
        self._candidate = None
        self._keep(*problems, f"the ledger: {why}")

    def _try(self, found: Found) -> bool:
        """Whether it is in force."""
        try:
            opened = self._post.source.open(found)
        except TOLD as error:
            self._keep(*found.problems, str(error))
        except Exception as error:
            # Its message may hold text.
            self._keep(*found.problems, f"{type(error).__name__} in {place(error)}")
        else:
            self._put_in_force(found, opened)
            return True
        return False

    def _put_in_force(self, found: Found, opened: Opened) -> None:
        taken = Take(found, time.time() if found.problems else None)
        self._post = replace(self._post, taken=taken, opened=opened)
        for remark in found.remarks:
            log.warning("%s", remark)
        for problem in found.problems:
            log.error("not taken, and the last good one stays in force: %s", problem)
        _warn(self._post)
        self._crew.tell(taken)
        digest, generation = opened.snapshot.commit(found.policy.digest), opened.snapshot.generation
        log.info("in force: policy %s, snapshot generation %d", digest[:16], generation)

    def _keep(self, *problems: str) -> None:
        """Nothing could be taken: what is in force stays."""
        self._put_in_force(replace(self._post.taken.found, problems=problems, remarks=()), self._post.opened)

    # The end.

    def _drain(self) -> None:
        """What is under way goes on for a while; told to end once more, it ends at once."""
        self._post.listener.close()
        if self._following is not None:
            self._following.stop()
        drain_s = self._config.limits.drain_s
        self._crew.dismiss(drain_s)
        end = time.monotonic() + drain_s + 2 * GRACE_S
        while self._crew.members and (left := end - time.monotonic()) > 0:
            if any(number in ENDING for number in self._wait(left)):
                self._crew.dismiss(0.0)
                end = min(end, time.monotonic() + AT_ONCE_S)
            self._crew.look()


def _warn(post: Post) -> None:
    """Of what the policy expects and the settings do not have."""
    entries, config = post.opened.snapshot.entries, post.taken.found.config
    warn_of_unbound(entries, configured_names(config))
    warn_of_unbound(entries, [key.name for key in config.keys], Bound.KEYS)


def preload(post: Post) -> None:
    """Load here what every worker would load at its first request, so that they share it."""
    word_bits("the")
    Protection(post.taken.found.policy, post.opened.snapshot, None, 1.0).try_out()


def on_terminal() -> bool:
    """Whether this process was started on a terminal that is still there, and is to end with it."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return False
    try:
        os.close(os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _nobody(_: str) -> None:
    """Nobody wants to know."""
