"""`unsay audit`: reading and checking the log of what was withheld, and why."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import PROBLEM, failures, note, say

app = typer.Typer(help="Read and check the audit log.", no_args_is_help=True)
Log = Annotated[Path, typer.Argument(help="The audit log (.jsonl).")]


@app.command()
def verify(log: Log) -> None:
    """Check every line and the chain of digests; exit 2 when a line was changed, lost or moved.

    Example: unsay audit verify .unsay/audit.jsonl
    """
    from gateway.audit import verify as check

    with failures(OSError):
        checked = check(log)
    say(str(checked))
    if checked.problem is not None:
        note("The log is not what was written.")
        raise typer.Exit(PROBLEM)


@app.command()
def show(
    log: Log,
    request: Annotated[str | None, typer.Option(help="Only this request id.")] = None,
) -> None:
    """Print the log for people: when, who, what was found where, what was done.

    Example: unsay audit show .unsay/audit.jsonl
    """
    from gateway.audit import show as lines

    with failures(OSError, ValueError):
        for line in lines(log, request):
            say(line)
