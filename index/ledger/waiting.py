"""Waiting for a record that somebody else writes.

Rules: the database is asked; what it says by itself only makes it be asked sooner. So a lost hint costs at
most `POLL_S`, and never a record.
"""

import select
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from index.database import kind_of
from index.ledger.error import Unavailable
from index.ledger.tables import CHANNEL, RECORDS
from index.postgres import connect_with

POLL_S: Final = 0.25
# To look whether a file of SQLite changed takes five microseconds.
LOOK_S: Final = 0.02
ANSWER_S: Final = 5.0


class Waiting:
    """One thread's at a time. `last`: asks for the number of the last record."""

    def __init__(self, address: Path | str, last: Callable[[], int]) -> None:
        self._address, self._last = address, last
        self._line: Any = None
        self._socket: Any = None

    def wait(self, after: int, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        try:
            if isinstance(self._address, Path):
                return self._wait_file(self._address, after, deadline)
            return self._wait_server(self._address, after, deadline)
        except (OSError, sqlite3.Error, _server_error()) as error:
            self.close()
            raise Unavailable(f"the ledger cannot be waited for: {kind_of(error)}") from None

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(Exception):
                line.close()

    def _wait_file(self, file: Path, after: int, deadline: float) -> bool:
        if self._line is None:
            self._line = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=ANSWER_S, check_same_thread=False
            )
        seen = None
        while True:
            version = self._line.execute("PRAGMA data_version").fetchone()
            if version != seen and self._last() > after:
                return True
            seen = version
            if (left := deadline - time.monotonic()) <= 0:
                return False
            time.sleep(min(LOOK_S, left))

    def _wait_server(self, url: str, after: int, deadline: float) -> bool:
        if self._line is None:
            self._line, self._socket = connect_with(url, ANSWER_S)
            self._line.autocommit = True
            self._line.cursor().execute(f"LISTEN {CHANNEL}")
        while True:
            if self._asked() > after:
                return True
            if (left := deadline - time.monotonic()) <= 0:
                return False
            select.select([self._socket], [], [], min(POLL_S, left))

    def _asked(self) -> int:
        cursor = self._line.cursor()
        cursor.execute(f"SELECT max(sequence) FROM {RECORDS.name}")
        found = cursor.fetchone()[0]
        self._line.notifications.clear()
        return -1 if found is None else int(found)


def _server_error() -> type[Exception]:
    import pg8000

    error: type[Exception] = pg8000.Error
    return error
