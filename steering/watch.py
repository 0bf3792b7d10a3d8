"""New parts, seen while the engine runs and taken between two of its steps.

Rules: a look costs no more than one question to the file system, once a second; reading happens apart from
the engine's steps, one reading at a time, so that older parts never follow newer ones; what cannot be read is
told once and changes nothing.
"""

import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from steering.steerer import Parts
from steering.trouble import tell

PAUSE_S = 1.0
Look = tuple[int, int, int] | None


def look(manifest: Path) -> Look:
    """None where there is none."""
    try:
        seen = manifest.stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def apart(work: Callable[[], None]) -> None:
    Thread(target=work, name="unsay-artefact", daemon=True).start()


class Watch:
    """`seen` is what the manifests looked like before the parts in use were read."""

    def __init__(
        self,
        look: Callable[[], tuple[Look, ...]],
        seen: tuple[Look, ...],
        load: Callable[[], Parts],
        now: Callable[[], float] = time.monotonic,
        begin: Callable[[Callable[[], None]], None] = apart,
    ) -> None:
        self._look_at = look
        self._seen = seen
        self._load = load
        self._now = now
        self._begin = begin
        self._next = now()
        self._reading = False
        self._loaded: SimpleQueue[Parts] = SimpleQueue()

    def fresh(self) -> Parts | None:
        """New parts, once."""
        if self._now() >= self._next:
            self._next = self._now() + PAUSE_S
            self._look()
        return None if self._loaded.empty() else self._loaded.get_nowait()

    def _look(self) -> None:
        found = self._look_at()
        if self._reading or None in found or found == self._seen:
            return
        seen, self._seen, self._reading = self._seen, found, True
        try:
            self._begin(self._read)
        except RuntimeError as error:  # no thread can be had now
            self._seen, self._reading = seen, False
            tell("reading the new artefact", error)

    def _read(self) -> None:
        try:
            self._loaded.put(self._load())
        except Exception as error:
            tell("reading the new artefact", error)
        finally:
            self._reading = False
