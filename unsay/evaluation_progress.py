"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from unsay.console import note

Progress = Callable[[int, int], None]
EVERY_S: Final = 15.0


@contextmanager
def progress(stage: str) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield _lines(stage)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(stage, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(stage: str) -> Progress:
    last = -EVERY_S

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done >= total or now - last >= EVERY_S:
            last = now
            note(f"{stage} {done:,}/{total:,}")

    return report
