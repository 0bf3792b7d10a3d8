"""What the `forget` commands have in common: their options, what they print, and how they fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from unsay.console import failures, note, say
from unsay.forget_place import Place

if TYPE_CHECKING:
    from gateway.admin.documents import RequestDocument

Id = Annotated[str, typer.Argument(help="The request: the id of its entry.")]
Why = Annotated[str, typer.Option(help="Why, on one line. It is kept for good: no names, no secrets.")]
Share = Annotated[float, typer.Option(help="Of what is asked, so much is withheld: above 0, at most 1.")]
Many = list[str] | None


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
