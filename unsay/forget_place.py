"""Where a `forget` command brings what it is asked: to a ledger at hand, or to the admin API.

Rule: every command takes the same options for it, made here once.
"""

import getpass
import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from gateway.admin.compiler import Compiler
    from gateway.admin.desk import Desk
    from gateway.admin.ledger_desk import LedgerDesk
    from gateway.config import Config

ADMIN_KEY = "UNSAY_ADMIN_KEY"
CONFIG = Path("unsay.yaml")


class PlaceError(ValueError):
    """It is not clear where to ask; says what to give."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the options say. Their help stands here, for all commands."""

    config: Annotated[
        Path | None,
        typer.Option(help="Settings with `ledger:` and `policy:`. Default: unsay.yaml, if there."),
    ] = None
    ledger: Annotated[
        str | None, typer.Option(help="Instead: the ledger, an SQLite file or postgresql://user@host/db.")
    ] = None
    policy: Annotated[
        Path | None, typer.Option(help="Instead of the settings': the policy to compile for.")
    ] = None
    state: Annotated[Path, typer.Option(help="Folder of the index key and the ledger's key.")] = Path(
        ".unsay"
    )
    admin: Annotated[
        str | None, typer.Option(help="Ask the admin API at this URL; the key in UNSAY_ADMIN_KEY.")
    ] = None
    actor: Annotated[
        str | None,
        typer.Option("--as", help="Who asks, as it stands in the ledger. Default: your user name."),
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """The command, whose first parameter is a Place, with the options of one."""
    own = [
        one for name, one in inspect.signature(command, eval_str=True).parameters.items() if name != "place"
    ]
    kinds = get_type_hints(Place, include_extras=True)
    shared = [
        inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=kinds[one.name]
        )
        for one in fields(Place)
    ]

    @wraps(command)
    def asked(**given: Any) -> None:
        place = Place(**{one.name: given.pop(one.name) for one in shared})
        command(place, **given)

    keyword = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    asked.__dict__["__signature__"] = inspect.Signature([*keyword, *shared])
    asked.__annotations__ = {one.name: one.annotation for one in (*keyword, *shared)}
    # It leads to a signature without these options.
    del asked.__dict__["__wrapped__"]
    return asked


@contextmanager
def desk_at(place: Place, *, writes: bool = True) -> Iterator["Desk"]:
    """Who takes what is asked there. `writes`: whether a ledger may be begun where there is none."""
    if place.admin is not None:
        yield _remote(place, place.admin)
        return
    with ledger_desk(place, writes=writes) as desk:
        yield desk


def _remote(place: Place, url: str) -> "Desk":
    from unsay.remote_desk import RemoteDesk

    for name, given in (("--ledger", place.ledger), ("--policy", place.policy), ("--as", place.actor)):
        if given is not None:
            raise PlaceError(f"expected either --admin or {name}, found both")
    return RemoteDesk(url, os.environ.get(ADMIN_KEY))


@contextmanager
def ledger_desk(place: Place, *, writes: bool = True) -> Iterator["LedgerDesk"]:
    """One that has the ledger at hand."""
    if place.admin is not None:
        raise PlaceError("expected --ledger or --config, found --admin: this is done beside the ledger alone")
    from gateway.admin.opening import open_desk
    from unsay.snapshots import find_key

    config = configured(place)
    key = find_key(place.state / "index.key", config.snapshot)
    signing = place.state / "ledger.key"
    actor = place.actor or re.sub(r"[^A-Za-z0-9._-]", "-", getpass.getuser())
    with open_desk(config, _address(place, config), key, signing, actor, writes=writes) as desk:
        yield desk


def compiler_at(place: Place) -> "Compiler":
    """For the policy of the settings; no ledger is needed. Raises PolicyError."""
    from gateway.admin.opening import workshop_of
    from unsay.snapshots import find_key

    config = configured(place)
    return workshop_of(config, find_key(place.state / "index.key", config.snapshot)).compiler()


def configured(place: Place) -> "Config":
    """The settings, with what the options say instead."""
    from gateway.config import Config
    from gateway.config_file import load_config

    file = place.config or (CONFIG if CONFIG.is_file() and place.ledger is None else None)
    config = load_config(file) if file is not None else Config().below(place.state.resolve())
    return config if place.policy is None else config.model_copy(update={"policy": place.policy.resolve()})


def _address(place: Place, config: "Config") -> Path | str:
    if place.ledger is not None:
        return place.ledger if "://" in place.ledger else Path(place.ledger)
    if config.ledger is None:
        raise PlaceError(
            "expected --ledger, --admin, or settings (unsay.yaml, --config) with `ledger:`; found none"
        )
    return config.ledger.address
