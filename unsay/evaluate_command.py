"""`unsay evaluate`: attacks on an endpoint, with Unsay and without, and what came of them.

Only this file knows the command line; paths are the caller's, and nothing forgotten is printed.
"""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import fail, failures

DEFAULT_OUT = Path(".unsay/evaluation/report")


TargetFile = Annotated[
    Path | None, typer.Option(help="Target file (YAML): endpoints, people, rows and bars.")
]
Behind = Annotated[str | None, typer.Option("--with", help="Base URL of the model behind Unsay.")]
Without = Annotated[str | None, typer.Option(help="Base URL of the model itself.")]
DemoRun = Annotated[
    bool, typer.Option("--demo", help="Start everything: a model that helps attackers, and Unsay.")
]
EngineName = Annotated[
    str, typer.Option(help="With --demo: accomplice, or the demo model on transformers or vllm.")
]
Ablate = Annotated[bool, typer.Option("--ablate", help="With --demo: again with each part off in turn.")]
Entries = Annotated[
    str | None,
    typer.Option(help="With --demo: what its entries are made of, such as passages or names,passages."),
]
PromptAction = Annotated[
    str | None,
    typer.Option(help="With --demo: what becomes of prompts. flag tries the answers' filters."),
]
Exact = Annotated[
    bool, typer.Option("--exact", help="With --demo: leave the semantic detector out; starts in seconds.")
]
ModelName = Annotated[str | None, typer.Option(help="The model's name. Default: demo.")]
People = Annotated[
    int | None, typer.Option(min=1, help="Invented people to forget. 150 can show two points.")
]
PeopleFile = Annotated[Path | None, typer.Option("--people-file", help="Your own list of people.")]
Groups = Annotated[str | None, typer.Option(help="Groups of attacks, such as ABD. Default: all.")]
Attacks = Annotated[
    list[str] | None, typer.Option(help="Name of an attack, `*` for anything. May be repeated.")
]
Prompts = Annotated[int | None, typer.Option("--n", help="Prompts a row. Default 300.")]
Controls = Annotated[int | None, typer.Option(help="Prompts a row without Unsay. Default 60.")]
Answers = Annotated[str | None, typer.Option("--k", help="Leaks within so many answers. Default 1,10,100.")]
Minutes = Annotated[float | None, typer.Option(help="Time for asking; rows get even shares.")]
Concurrency = Annotated[int | None, typer.Option(help="Requests at a time. Default 8.")]
Seed = Annotated[int | None, typer.Option(help="Of what is drawn. Default 1.")]
DataFolder = Annotated[Path | None, typer.Option(help="Folder with XSTest, TOFU and jailbreak templates.")]
Out = Annotated[Path, typer.Option(help="Report without its ending: .json, .md, .html.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")]
KeepAnswers = Annotated[
    Path | None,
    typer.Option(help="File for all that was sent and answered, FORGOTTEN FACTS included."),
]
State = Annotated[Path, typer.Option(help="Folder for what is kept between runs.")]


def evaluate(
    target: TargetFile = None,
    behind: Behind = None,
    without: Without = None,
    demo: DemoRun = False,
    engine: EngineName = "accomplice",
    ablate: Ablate = False,
    entries: Entries = None,
    prompt: PromptAction = None,
    exact: Exact = False,
    model: ModelName = None,
    people: People = None,
    listed: PeopleFile = None,
    groups: Groups = None,
    attack: Attacks = None,
    n: Prompts = None,
    controls: Controls = None,
    k: Answers = None,
    minutes: Minutes = None,
    concurrency: Concurrency = None,
    seed: Seed = None,
    data: DataFolder = None,
    out: Out = DEFAULT_OUT,
    fresh: Fresh = False,
    keep_answers: KeepAnswers = None,
    state: State = Path(".unsay"),
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
