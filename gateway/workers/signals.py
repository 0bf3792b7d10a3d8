"""The signals that a process gets, read one by one where it waits for everything else.

Rule: a handler does nothing, so that a signal never cuts into anything.
"""

import os
import signal
from collections.abc import Sequence
from typing import Self


class Signals:
    """In a `with` statement; the handlers from before come back at its end."""

    def __init__(self, numbers: Sequence[signal.Signals]) -> None:
        self._numbers = tuple(numbers)

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _nothing) for number in self._numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def came(self) -> list[signal.Signals]:
        try:
            return [signal.Signals(number) for number in os.read(self._read, 256)]
        except BlockingIOError:
            return []


def _nothing(*_: object) -> None:
    """The number is written to the pipe before this runs."""
