"""`unsay audit`: reading and checking the log of what was withheld, and why."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from unsay.console import PROBLEM, failures, note, progress_line, say

app = typer.Typer(help="Read and check the audit log.", no_args_is_help=True)
Logs = Annotated[
    list[Path], typer.Argument(help="The audit log (.jsonl); rotated files first, oldest first.")
]

# Less is checked within a second or two.
LONG_BYTES = 256 << 20


@app.command()
def verify(logs: Logs) -> None:
    """Check every line and the chain of digests; exit 2 when a line was changed, lost or moved.

    A gateway may be writing meanwhile. Example: unsay audit verify audit.jsonl.1 audit.jsonl
    """
    from gateway.audit.verify import verify as check

    with failures(OSError):
        checked = check(*logs, progress=_progress(logs))
    say(str(checked))
    if not checked.ok:
        note("The log is not what was written.")
        raise typer.Exit(PROBLEM)


@app.command()
def show(
    logs: Logs,
    request: Annotated[str | None, typer.Option(help="Only this request id.")] = None,
) -> None:
    """Print the log for people: when, who, what was found where, what was done.

    Example: unsay audit show .unsay/audit.jsonl
    """
    from gateway.audit.show import show as lines

    with failures(OSError):
        for log in logs:
            for line in lines(log, request):
                say(line)


def _progress(logs: list[Path]) -> Callable[[int, int], None] | None:
    if sum(log.stat().st_size for log in logs if log.exists()) < LONG_BYTES:
        return None
    report = progress_line()
    return lambda done, total: report("MB checked", done >> 20, total >> 20)
