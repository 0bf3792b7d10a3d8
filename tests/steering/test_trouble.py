"""What would be told at every step is told once a minute, and nothing of what an error says ever is."""

import logging
from collections.abc import Iterator

import pytest

from steering.trouble import LOG, MOST_LINES, PAUSE_S, Seldom, bound_log, tell


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """The engine's, as it was before."""
    log = logging.getLogger(LOG)
    before, log.filters = log.filters, []
    yield log
    log.filters = before


def failed(doing: str) -> None:
    try:
        raise ValueError("Alden Crane lives in Tolvik")
    except ValueError as error:
        tell(doing, error)


def test_what_fails_at_every_step_is_told_once_a_minute_with_how_often(
    log: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    log.addFilter(Seldom(clock))
    for _ in range(5000):
        failed("steering a request")
    assert caplog.text.count("steering a request failed: ValueError in test_trouble.py") == 1
    clock.time += PAUSE_S
    failed("steering a request")
    failed("steering a request")
    assert caplog.text.count("steering a request failed") == 2
    assert "(and 4999 times since it was last told)" in caplog.text
    assert "Crane" not in caplog.text


def test_another_line_is_told_all_the_same(log: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    log.addFilter(Seldom(Clock()))
    failed("steering a request")
    failed("reading a batch")
    assert [line.split(" failed")[0] for line in caplog.messages] == ["steering a request", "reading a batch"]


def test_what_is_remembered_of_lines_is_bounded(log: logging.Logger) -> None:
    seldom = Seldom(Clock())
    for number in range(3 * MOST_LINES):
        seldom.filter(logging.LogRecord(LOG, logging.ERROR, "", 0, f"line {number}", (), None))
    assert len(seldom._told) <= MOST_LINES


def test_a_log_is_bound_once(log: logging.Logger) -> None:
    bound_log()
    bound_log()
    assert [type(each) for each in log.filters] == [Seldom]
