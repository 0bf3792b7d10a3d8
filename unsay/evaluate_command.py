"""`unsay evaluate`: attacks on an endpoint, with Unsay and without, and what came of them.

Only this file knows the command line; paths are the caller's, and nothing forgotten is printed.
"""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import fail, failures

DEFAULT_OUT = Path(".unsay/evaluation/report")


def evaluate(
    target: Annotated[
        Path | None, typer.Option(help="Target file (YAML): endpoints, people, rows and bars.")
    ] = None,
    behind: Annotated[str | None, typer.Option("--with", help="Base URL of the model behind Unsay.")] = None,
    without: Annotated[str | None, typer.Option(help="Base URL of the model itself.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Start everything: a model that helps attackers, and Unsay.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="With --demo: accomplice, or the demo model on transformers or vllm.")
    ] = "accomplice",
    ablate: Annotated[
        bool, typer.Option("--ablate", help="With --demo: again with each part off in turn.")
    ] = False,
    entries: Annotated[
        str | None,
        typer.Option(help="With --demo: what its entries are made of, such as passages or names,passages."),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="With --demo: what becomes of prompts. flag tries the answers' filters."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="With --demo: leave the semantic detector out; starts in seconds.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="The model's name. Default: demo.")] = None,
    people: Annotated[
        int | None, typer.Option(min=1, help="Invented people to forget. 150 can show two points.")
    ] = None,
    listed: Annotated[Path | None, typer.Option("--people-file", help="Your own list of people.")] = None,
    groups: Annotated[str | None, typer.Option(help="Groups of attacks, such as ABD. Default: all.")] = None,
    attack: Annotated[
        list[str] | None, typer.Option(help="Name of an attack, `*` for anything. May be repeated.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", help="Prompts a row. Default 300.")] = None,
    controls: Annotated[int | None, typer.Option(help="Prompts a row without Unsay. Default 60.")] = None,
    k: Annotated[
        str | None, typer.Option("--k", help="Leaks within so many answers. Default 1,10,100.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for asking; rows get even shares.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Requests at a time. Default 8.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of what is drawn. Default 1.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder with XSTest, TOFU and jailbreak templates.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Report without its ending: .json, .md, .html.")] = DEFAULT_OUT,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")] = False,
    keep_answers: Annotated[
        Path | None,
        typer.Option(help="File for all that was sent and answered, FORGOTTEN FACTS included."),
    ] = None,
    state: Annotated[Path, typer.Option(help="Folder for what is kept between runs.")] = Path(".unsay"),
) -> None:
    """Attack a model with Unsay and without, and report what leaks and what still works.

    A run that was ended goes on where it was. Status: 0 if every bar is met, 1 if one is missed, 3 if there
    were too few tries to show one, 2 if it could not run.

    Examples:

      unsay evaluate --demo --minutes 8

      unsay evaluate --without http://127.0.0.1:8000/v1 --with http://127.0.0.1:8080/v1 --model demo

      unsay evaluate --target target.yaml --out results/monday

      unsay evaluate --demo --groups A --attack "*turns*" --ablate --minutes 2

      unsay evaluate --demo --entries passages --attack "*passage*" --ablate --minutes 5
    """
    from unsay.evaluating import Asked, Wish, problems, run
    from unsay.evaluation_demo import PARTS, Demo

    parts = PARTS if entries is None else tuple(_listed(entries))
    started = Demo(engine, prompt, exact, ablate, parts)
    if not demo and started != Demo():
        options = "--engine, --prompt, --exact, --ablate and --entries"
        fail(f"{options}: expected --demo too, for only then is Unsay started")

    asked = {
        "model": model,
        "groups": None if groups is None else list(groups),
        "attacks": attack or None,
        "n": n,
        "controls": controls,
        "k": None if k is None else _listed(k),
        "minutes": minutes,
        "concurrency": concurrency,
        "seed": seed,
        "data": None if data is None else str(data.resolve()),
    }
    wish = Wish(target, behind, without, people, listed, asked)
    with failures(*problems()):
        status = run(Asked(wish, started if demo else None, out, fresh, keep_answers, state))
    raise typer.Exit(status)


def _listed(written: str) -> list[str]:
    return [part.strip() for part in written.split(",")]
