"""How the command line speaks: results to stdout, the rest to stderr, one clear line for what went wrong."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from unsay.json_lines import JsonLines

PROBLEM = 2


def log_to_stderr() -> None:
    """What the gateway and its HTTP server remark while they serve, one line each, with the time."""
    handler = logging.StreamHandler()
    handler.setFormatter(_lines(os.environ.get("UNSAY_LOG", "text")))
    for name, level in (("unsay", logging.INFO), ("uvicorn", logging.WARNING)):
        log = logging.getLogger(name)
        log.addHandler(handler)
        log.setLevel(level)
        log.propagate = False


def _lines(form: str) -> logging.Formatter:
    match form:
        case "json":
            return JsonLines()
        case "text":
            return logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    raise ValueError("UNSAY_LOG: expected json or text, found something else.")


def say(text: str) -> None:
    print(text, flush=True)


def note(text: str) -> None:
    """Progress and remarks, which a script that reads our output must not see."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    note(text)
    raise typer.Exit(PROBLEM)


@contextmanager
def failures(*kinds: type[Exception]) -> Iterator[None]:
    """These errors end the command with their message alone; a traceback is for our own faults."""
    try:
        yield
    except kinds as error:
        fail(str(error))


def progress_line() -> Callable[[str, int, int], None]:
    """A progress report: one line that is rewritten on a terminal, one line a stage elsewhere."""
    terminal = sys.stderr.isatty()

    def report(stage: str, done: int, total: int) -> None:
        if terminal:
            print(
                f"\r{stage} {done}/{total}\x1b[K",
                end="\n" if done >= total else "",
                file=sys.stderr,
                flush=True,
            )
        elif done >= total:
            note(f"{stage} {done}/{total}")

    return report
