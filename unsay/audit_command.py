"""`unsay audit`: reading and checking the log of what was withheld, and the ledger of forget requests."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unsay.console import PROBLEM, failures, note, progress_line, say

if TYPE_CHECKING:
    from policy.signing_key import PublicKey

app = typer.Typer(help="Read and check the audit log and the ledger.", no_args_is_help=True)
Logs = Annotated[
    list[Path], typer.Argument(help="The audit log (.jsonl); rotated files first, oldest first.")
]

# Less is checked within a second or two.
LONG_BYTES = 256 << 20


@app.command()
def verify(
    logs: Annotated[
        list[Path] | None, typer.Argument(help="The audit log (.jsonl); rotated files first, oldest first.")
    ] = None,
    ledger: Annotated[
        str | None, typer.Option(help="A ledger: an SQLite file, postgresql://..., or an export of one.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A public key (ed25519:..., or its file) that must have signed.")
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head of the log that was told earlier and must be there."),
    ] = None,
    ledger_head: Annotated[list[str] | None, typer.Option(help="The same, of the ledger.")] = None,
) -> None:
    """Check every line, the chain of digests, signatures; exit 2 when anything was changed, lost or moved.

    A gateway may be writing meanwhile. The head that is told, keep elsewhere: with `--head`, a log that was
    cut short later shows. Examples: unsay audit verify audit.jsonl.1 audit.jsonl --key audit.pub;
    unsay audit verify --ledger ledger.sqlite
    """
    if not logs and ledger is None:
        raise typer.BadParameter("expected an audit log, or --ledger, or both")
    with failures(OSError, ValueError):
        trusted = _keys(key or [])
        checks = []
        if logs:
            checks.append(("log", _check_logs(logs, trusted, head or [])))
        if ledger is not None:
            checks.append(("ledger", _check_ledger(ledger, trusted, ledger_head or [])))
    for what, (said, ok) in checks:
        say(said)
        if not ok:
            note(f"The {what} is not what was written.")
    if not all(ok for _, (_, ok) in checks):
        raise typer.Exit(PROBLEM)


@app.command()
def export(
    ledger: Annotated[str, typer.Argument(help="An SQLite file, or postgresql://...")],
    out: Annotated[Path, typer.Argument(help="A new file, one record a line.")],
) -> None:
    """Write down the records of a ledger, for whoever is to check them. No text of a request is in them.

    Example: unsay audit export ledger.sqlite ledger.jsonl
    """
    from index.ledger.error import LedgerError
    from index.ledger.verify import export as write

    with failures(OSError, ValueError, LedgerError):
        say(f"{out}: {write(ledger, out)} records")


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


def _keys(said: Sequence[str]) -> "tuple[PublicKey, ...]":
    from policy.signing_key import PublicKey

    return tuple(map(PublicKey.given, said))


def _check_logs(logs: list[Path], keys: "tuple[PublicKey, ...]", heads: list[str]) -> tuple[str, bool]:
    from gateway.audit.verify import verify as check

    found = check(*logs, progress=_progress(logs), keys=keys, heads=heads)
    return str(found), found.ok


def _check_ledger(ledger: str, keys: "tuple[PublicKey, ...]", heads: list[str]) -> tuple[str, bool]:
    from index.ledger.verify import verify as check

    found = check(ledger, keys, heads)
    return str(found), found.ok


def _progress(logs: list[Path]) -> Callable[[int, int], None] | None:
    if sum(log.stat().st_size for log in logs if log.exists()) < LONG_BYTES:
        return None
    report = progress_line()
    return lambda done, total: report("MB checked", done >> 20, total >> 20)
