"""What the `forget` commands have in common: their options, what they print, and how they fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from unsay.console import failures, note, say
from unsay.forget_place import Place, desk_at

if TYPE_CHECKING:
    from gateway.admin.desk import Desk
    from gateway.admin.documents import RequestDocument

Id = Annotated[str, typer.Argument(help="The request: the id of its entry.")]
Why = Annotated[str, typer.Option(help="Why, on one line. It is kept for good: no names, no secrets.")]
Share = Annotated[float, typer.Option(help="Of what is asked, so much is withheld: above 0, at most 1.")]
Many = list[str] | None
Wait = Annotated[
    bool, typer.Option("--wait", help="End once every known replica has it in force, with 1 if not in time.")
]
Within = Annotated[float, typer.Option(min=0.0, help="With --wait: so many seconds at most.")]
WITHIN_S = 60.0
# What a script sees where it took longer; 2 is that something went wrong.
LATE = 1


@contextmanager
def told() -> Iterator[None]:
    """What can go wrong ends the command with its message alone."""
    from gateway.admin.preview import PreviewTooLong
    from gateway.admin.rows import RowError
    from gateway.admin.trouble import NotFound, Unfinished
    from index.ledger.error import LedgerError
    from index.passage import BuildError
    from policy.problem import PolicyError
    from unsay.remote_desk import RemoteError

    ours = (PolicyError, BuildError, LedgerError, NotFound, Unfinished, RowError, PreviewTooLong)
    # Settings, keys, places and entries that cannot be used are ValueErrors.
    with failures(*ours, RemoteError, OSError, ValueError):
        yield


def show(place: Place, found: "RequestDocument", *, brief: bool = False) -> None:
    from unsay.forget_shown import as_json, sentence, whole

    say(as_json(found) if place.as_json else sentence(found) if brief else whole(found))
    if found.remark:
        note(f"{found.id}: {found.remark}")
    if brief and found.awaits:
        note(f"{found.id}: somebody else must approve before it can: {', '.join(found.awaits)}")


def act(
    place: Place, ask: "Callable[[Desk], RequestDocument]", *, wait: bool = False, within_s: float = WITHIN_S
) -> None:
    """Ask the desk and show what it says; wait, where that is wanted, until it is in force everywhere."""
    with told(), desk_at(place) as desk:
        if not wait:
            show(place, ask(desk), brief=True)
            return
        from unsay.forget_wait import Replicas, Waiting

        waiting = Waiting(Replicas.of(desk.ledger().replicas), note)
        found = ask(desk)
        show(place, found, brief=True)
        missing = waiting.until(desk, found.id, within_s)
    if missing:
        names = "any replica" if missing == ("?",) else ", ".join(missing)
        note(f"{found.id}: expected it to be in force within {within_s:g} s, found no report of {names}")
        raise typer.Exit(LATE)
