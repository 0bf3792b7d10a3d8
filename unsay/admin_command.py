"""`unsay admin`: the process that takes forget requests over HTTP."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import failures, log_to_stderr, say

app = typer.Typer(help="Take forget requests over HTTP.", no_args_is_help=True)


@app.callback()
def admin() -> None:
    """Its own commands, so that more can come beside `serve`."""


@app.command()
def serve(
    config: Annotated[Path, typer.Option(help="Settings with `admin:`, `ledger:` and `policy:`.")] = Path(
        "unsay.yaml"
    ),
    state: Annotated[Path, typer.Option(help="Folder of the index key and of the ledger's.")] = Path(
        ".unsay"
    ),
    host: Annotated[str | None, typer.Option(help="Address to bind. Default: the settings'.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind; 0 picks one.")] = None,
) -> None:
    """Serve the admin API, on a port of its own that clients of the model cannot reach.

    Without keys under `admin:` only this machine may ask. Example: unsay admin serve --config unsay.yaml
    """
    from gateway.admin.opening import open_desk
    from gateway.admin.server import serve as run
    from gateway.config_file import checked, load_config
    from index.ledger.error import LedgerError
    from policy.problem import PolicyError
    from unsay.snapshots import find_key
    from unsay.threads import one_thread_each

    one_thread_each()
    with failures(LedgerError, PolicyError, OSError, ValueError):
        log_to_stderr()
        loaded = load_config(config)
        asked = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        loaded = checked(
            loaded.model_copy(update={"admin": loaded.admin.model_copy(update=asked)}), "the command line"
        )
        if loaded.ledger is None:
            raise ValueError(f"{config}: expected `ledger:`, found none")
        key = find_key(state / "index.key", loaded.snapshot)
        with open_desk(
            loaded, loaded.ledger.address, key, state / "ledger.key", "admin", writes=True
        ) as desk:
            desk.prepare()
            run(loaded.admin, desk, lambda url: say(f"The admin API listens on {url.removesuffix('/v1')}"))
