"""What `unsay forget` is asked with texts or files: to add, to compile, to preview; and receipts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unsay.console import note, say
from unsay.forget_place import Place, desk_at, placed
from unsay.forget_told import WITHIN_S, Id, Many, Share, Wait, Why, Within, act, show, told

if TYPE_CHECKING:
    from gateway.admin.documents import PreviewDocument


@placed
def add(
    place: Place,
    entry: Annotated[
        str | None, typer.Argument(help="A file with one entry, as in a policy (YAML or JSON); - reads it.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Instead of a file: the id.")] = None,
    reason: Annotated[str | None, typer.Option(help="privacy, copyright, safety, contract or other.")] = None,
    name: Annotated[Many, typer.Option(help="A name or an alias; may be repeated.")] = None,
    passage: Annotated[Many, typer.Option(help="A text protected word for word.")] = None,
    passages: Annotated[Many, typer.Option(help="A file or glob of such texts (.txt, .jsonl).")] = None,
    question: Annotated[Many, typer.Option(help="A question, with --answer.")] = None,
    answer: Annotated[Many, typer.Option(help="Its answer, which must not be given.")] = None,
    secret: Annotated[
        Many, typer.Option(help="What must not be said. Others on this machine see options: use a file.")
    ] = None,
    retain: Annotated[Many, typer.Option(help="A file or glob of near misses.")] = None,
    models: Annotated[Many, typer.Option(help="A pattern of models it binds. Default: all.")] = None,
    keys: Annotated[Many, typer.Option(help="A pattern of API keys it binds. Default: all.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="In force from then on, with a zone.")] = None,
    until: Annotated[str | None, typer.Option(help="In force until then.")] = None,
    monitor: Annotated[bool, typer.Option("--monitor", help="Find and tell it, withhold nothing.")] = False,
    enforce: Annotated[bool, typer.Option("--enforce", help="Withhold it, in the same step.")] = False,
    share: Share = 1.0,
    why: Why = "",
    keep: Annotated[
        Literal["none", "encrypted"], typer.Option(help="What the ledger keeps of the texts.")
    ] = "none",
    reference: Annotated[str, typer.Option(help="Where the texts lie; that alone is kept.")] = "",
    token: Annotated[str, typer.Option(help="Asked again with the same, nothing is added twice.")] = "",
    wait: Wait = False,
    within: Within = WITHIN_S,
) -> None:
    """Add a forget request: staged, monitored or enforced at once. Either all of it is done or nothing.

    Examples:

      unsay forget add entry.yaml

      unsay forget add entry.yaml --enforce --why "erasure request 0142"

      unsay forget add --id 0142 --reason privacy --name "Alden Crane" --passages "texts/*.txt" --monitor
    """
    from gateway.admin.documents import AddDocument
    from index.ledger.event import Event, Kept
    from unsay.forget_entry import Flags, document

    with told():
        if monitor and enforce:
            raise ValueError("expected either --monitor or --enforce, found both")
        flags = Flags(
            id=id,
            reason=reason,
            names=name or (),
            passages=passage or (),
            passage_files=passages or (),
            questions=question or (),
            answers=answer or (),
            secrets=secret or (),
            retain_files=retain or (),
            models=models or (),
            keys=keys or (),
            start=start,
            end=until,
        )
        asked = AddDocument(
            entry=dict(document(entry, flags)),
            why=why,
            source=Kept.REFERENCE if reference else Kept(keep),
            reference=reference,
            then=Event.ENFORCE if enforce else Event.MONITOR if monitor else None,
            share=share,
        )
        if wait and asked.then is None:
            raise ValueError("--wait: expected --enforce or --monitor with it, found neither")
    act(place, lambda desk: desk.add(asked, token), wait=wait, within_s=within)


@placed
def compile_again(
    place: Place,
    request: Id,
    entry: Annotated[
        str | None, typer.Argument(help="The entry once more; none: the texts that were kept encrypted.")
    ] = None,
) -> None:
    """Compile a request anew: what was left pending, or after the policy's settings or encoder changed.

    Example: unsay forget compile erasure-0142 entry.yaml
    """
    from gateway.admin.documents import CompileDocument
    from unsay.forget_entry import Flags, document

    with told(), desk_at(place) as desk:
        given = None if entry is None else dict(document(entry, Flags()))
        show(place, desk.compile(request, CompileDocument(entry=given)), brief=True)


@placed
def preview(
    place: Place,
    entry: Annotated[str, typer.Argument(help="A file with an entry, - for standard input, or a request.")],
    on: Annotated[
        Path | None,
        typer.Option(help="Sample traffic, a conversation a line (.jsonl): a text, `prompt` or `messages`."),
    ] = None,
    audit: Annotated[
        list[Path] | None, typer.Option(help="Instead: the gateway's audit log, of a request it monitors.")
    ] = None,
    model: Annotated[str, typer.Option(help="The model that would be asked.")] = "default",
) -> None:
    """Tell what an entry would withhold of sample traffic, before it is enforced: counts and row numbers.

    Of a request that is monitored the audit log tells it of real traffic. Ends with 1 when more than one in a
    hundred would be withheld.

    Examples:

      unsay forget preview entry.yaml --on prompts.jsonl

      unsay forget preview erasure-0142 --audit .unsay/audit.jsonl
    """
    from unsay.forget_preview import of_entry, of_log, of_request

    with told():
        if (on is None) == (audit is None):
            raise ValueError(f"expected either --on or --audit, found {'both' if on else 'neither'}")
        if audit is not None:
            found = of_log(audit, entry)
        elif entry == "-" or Path(entry).exists():
            found = of_entry(place, entry, on or Path(), model)
        else:
            found = of_request(place, entry, on or Path(), model)
    _previewed(place, found)


@placed
def receipt(
    place: Place,
    request: Annotated[str | None, typer.Argument(help="The request: the id of its entry.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the signed receipt (JSON) to this file.")] = None,
    evaluation: Annotated[
        Path | None, typer.Option(help="A report of `unsay evaluate` (.json), whose figures go in.")
    ] = None,
    verify: Annotated[Path | None, typer.Option(help="Check this receipt instead of writing one.")] = None,
    key: Annotated[
        str | None, typer.Option(help="With --verify: the ledger's public key, or a file of it.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="With --verify: also compare it with the ledger as it is now.")
    ] = False,
) -> None:
    """Write a signed receipt of what became of a request, or check one that somebody was given.

    Compared with the ledger (--live) it ends with 1 where what it says was so and is so no more, and with 2
    where the ledger says otherwise.

    Examples:

      unsay forget receipt erasure-0142 --out receipt.json

      unsay forget receipt --verify receipt.json --key ed25519:...

      unsay forget receipt --verify receipt.json --key ed25519:... --live
    """
    from unsay.forget_receipt import checked, live_now, written

    with told():
        if (request is None) == (verify is None):
            found = "both" if request else "neither"
            raise ValueError(f"expected either a request or --verify, found {found}")
        if live and verify is None:
            raise ValueError("--live: expected --verify with a receipt, found none")
        if verify is not None:
            say(checked(verify, key))
            if live and not live_now(place, verify, key):
                raise typer.Exit(1)
        else:
            say(written(place, request or "", out, evaluation))


def _previewed(place: Place, found: "PreviewDocument") -> None:
    from unsay.forget_shown import as_json, previewed, warning

    say(as_json(found) if place.as_json else previewed(found))
    if found.above:
        note(warning(found))
        raise typer.Exit(1)
