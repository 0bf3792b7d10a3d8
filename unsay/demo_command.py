"""`unsay demo`: the invented world, its policy and its model."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import note, say

app = typer.Typer(help="The demo world: invented people, and a model that knows them.", no_args_is_help=True)


@app.command()
def policy(folder: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write the demo's policy and its source texts.

    Example: unsay demo policy examples/demo
    """
    from evaluation.demo_policy import write_policy

    write_policy(folder)
    note(f"wrote {folder / 'policy.yaml'}")


@app.command()
def people() -> None:
    """List the people that the demo policy forgets, with a question about each.

    Example: unsay demo people
    """
    from evaluation.world import demo_world

    for person in demo_world().forgotten:
        say(f"{person.name}: Where was {person.name} born?")
