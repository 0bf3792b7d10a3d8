"""An error inside the engine is told where operators look, by its kind and its place alone.

Rules: its message may hold text, so that it is never shown. The same line is told once a minute, with how
often it was meant to be: an engine takes thousands of steps a minute, and each of them may fail.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb

LOG = "unsay.steering"
PAUSE_S = 60.0
MOST_LINES = 256


def tell(doing: str, error: BaseException) -> None:
    steps = extract_tb(error.__traceback__)
    place = f"{Path(steps[-1].filename).name}:{steps[-1].lineno}" if steps else "an unknown place"
    logging.getLogger(LOG).error("%s failed: %s in %s", doing, type(error).__name__, place)


def remark(what: str) -> None:
    """What is no error and should be known. A constant text."""
    logging.getLogger(LOG).warning("%s", what)


def bound_log() -> None:
    """From now on, in this process."""
    log = logging.getLogger(LOG)
    if not any(isinstance(each, Seldom) for each in log.filters):
        log.addFilter(Seldom())


class Seldom(logging.Filter):
    """Lets a line pass that it has not let pass for a while; says how often it did not."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._told: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        line, now = record.getMessage(), self._now()
        at, left_out = self._told.get(line, (-PAUSE_S, 0))
        if now - at < PAUSE_S:
            self._told[line] = at, left_out + 1
            return False
        if len(self._told) >= MOST_LINES:
            self._told.clear()
        self._told[line] = now, 0
        if left_out:
            record.msg, record.args = "%s (and %d times since it was last told)", (line, left_out)
        return True
