"""`unsay forget`: requests that something be forgotten, from the first preview to the receipt."""

from typing import Annotated, Literal

import typer

from unsay import forget_asking
from unsay.console import say
from unsay.forget_place import Place, desk_at, ledger_desk, placed
from unsay.forget_told import WITHIN_S, Id, Many, Share, Wait, Why, Within, act, show, told

PAGE = 1000
# As the ledger names them, which is not imported before a command runs; tests compare the two.
InState = Literal["staged", "monitored", "enforced", "expired", "restored"]
Move = Literal["stage", "monitor", "enforce", "expire", "restore"]

app = typer.Typer(help="Ask that something be forgotten, and see what becomes of it.", no_args_is_help=True)
app.command("add")(forget_asking.add)
app.command("compile")(forget_asking.compile_again)
app.command("preview")(forget_asking.preview)
app.command("receipt")(forget_asking.receipt)


@app.command("list")
@placed
def list_requests(
    place: Place,
    within: Annotated[InState | None, typer.Option("--in", help="Only those in this state.")] = None,
) -> None:
    """List the forget requests: state, since when, by whom, what is compiled, at how many replicas in force.

    Example: unsay forget list --in enforced
    """
    from gateway.admin.documents import ListDocument, RequestDocument
    from index.ledger.event import State
    from unsay.forget_shown import as_json, table

    with told(), desk_at(place, writes=False) as desk:
        wanted = None if within is None else State(within)
        found: list[RequestDocument] = []
        more = True
        while more:
            page = desk.list(wanted, found[-1].id if found else "", PAGE)
            found += page.requests
            more = page.more
        say(as_json(ListDocument(requests=tuple(found), more=False)) if place.as_json else table(found))


@app.command("show")
@placed
def show_request(place: Place, request: Id) -> None:
    """Show one request: its history, approvals, last preview, and where it is in force since when.

    Example: unsay forget show erasure-0142
    """
    with told(), desk_at(place, writes=False) as desk:
        show(place, desk.show(request))


@app.command()
@placed
def stage(place: Place, request: Id, why: Why = "") -> None:
    """Take a request out of force again, and keep it: nothing is withheld or told.

    Example: unsay forget stage erasure-0142 --why "too broad"
    """
    _move(place, request, "stage", why)


@app.command()
@placed
def monitor(place: Place, request: Id, why: Why = "") -> None:
    """Find it and tell it in the audit log and the metrics, and withhold nothing.

    Example: unsay forget monitor erasure-0142
    """
    _move(place, request, "monitor", why)


@app.command()
@placed
def enforce(
    place: Place,
    request: Id,
    share: Share = 1.0,
    why: Why = "",
    wait: Wait = False,
    within: Within = WITHIN_S,
) -> None:
    """Withhold it, of all that is asked or of a share.

    Examples:

      unsay forget enforce erasure-0142 --share 0.1

      unsay forget enforce erasure-0142 --wait --within 30
    """
    _move(place, request, "enforce", why, share, wait=wait, within_s=within)


@app.command()
@placed
def expire(place: Place, request: Id, why: Why = "") -> None:
    """End a request whose time is over. It stays ended.

    Example: unsay forget expire erasure-0142 --why "contract of 2027"
    """
    _move(place, request, "expire", why)


@app.command()
@placed
def restore(place: Place, request: Id, why: Why = "", wait: Wait = False, within: Within = WITHIN_S) -> None:
    """Take a request back: what it named may be said again. It stays ended.

    Example: unsay forget restore erasure-0142 --why "asked for in error"
    """
    _move(place, request, "restore", why, wait=wait, within_s=within)


@app.command()
@placed
def shred(place: Place, request: Id, why: Why = "") -> None:
    """Delete the texts that were kept encrypted, by deleting their key; of what has ended the segment, too.

    Example: unsay forget shred erasure-0142
    """
    _move(place, request, "shred", why)


@app.command()
@placed
def approve(
    place: Place,
    request: Id,
    event: Annotated[Move, typer.Option("--for", help="The move that is agreed to.")] = "enforce",
    share: Share = 1.0,
    why: Why = "",
) -> None:
    """Agree that somebody else makes a move, where the ledger wants a second person.

    Example: unsay forget approve erasure-0142 --for enforce --as berta
    """
    from gateway.admin.documents import MoveDocument
    from index.ledger.event import Event

    with told(), desk_at(place) as desk:
        asked = MoveDocument(event=Event(event), why=why, share=share)
        show(place, desk.approve(request, asked), brief=True)


@app.command()
@placed
def settings(
    place: Place,
    approve: Annotated[
        Many, typer.Option(help="A move that needs the approval of a second person; `none` for no move.")
    ] = None,
    most_open: Annotated[
        int | None, typer.Option(help="Most open requests of one requester; 0: any number.")
    ] = None,
    texts_a_day: Annotated[
        int | None, typer.Option(help="Most texts that one requester adds in a day; 0: any number.")
    ] = None,
) -> None:
    """Show or change how the ledger is to be used: second persons and quotas. They stand in it, signed.

    Begins the ledger where there is none yet, as gateways that follow one need it.

    Example: unsay forget settings --approve enforce --approve restore --most-open 100
    """
    from unsay.forget_settings import changed
    from unsay.forget_shown import as_json

    with told():
        if approve is None and most_open is None and texts_a_day is None:
            with desk_at(place) as desk:
                say(as_json(desk.ledger()))
        else:
            with ledger_desk(place) as own:
                changed(own, approve, most_open, texts_a_day)
                say(as_json(own.ledger()))


def _move(
    place: Place,
    request: str,
    event: str,
    why: str,
    share: float = 1.0,
    *,
    wait: bool = False,
    within_s: float = WITHIN_S,
) -> None:
    from gateway.admin.documents import MoveDocument
    from index.ledger.event import Event

    with told():
        asked = MoveDocument(event=Event(event), why=why, share=share)
    act(place, lambda desk: desk.move(request, asked), wait=wait, within_s=within_s)
