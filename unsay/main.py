"""The `unsay` command. It imports what a command needs only when that command runs."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from unsay import (
    admin_command,
    audit_command,
    calibrate_command,
    demo_command,
    evaluate_command,
    forget_command,
    index_command,
    policy_command,
    steer_command,
    unlearn_command,
)
from unsay.console import failures, say
from unsay.launch import EngineKind
from unsay.origin import OriginError, check_origin
from unsay.threads import one_thread_each

app = typer.Typer(
    help="Makes a served language model behave as if it had never known a thing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(policy_command.app, name="policy")
app.add_typer(index_command.app, name="index")
app.add_typer(forget_command.app, name="forget")
app.add_typer(admin_command.app, name="admin")
app.add_typer(audit_command.app, name="audit")
app.add_typer(demo_command.app, name="demo")
app.add_typer(steer_command.app, name="steer")
app.command()(evaluate_command.evaluate)
app.command()(calibrate_command.calibrate)
app.command()(calibrate_command.feedback)
app.command()(unlearn_command.unlearn)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"unsay {version('unsay')}")
        raise typer.Exit


@app.callback()
def start(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    with failures(OriginError):
        check_origin()


@app.command()
def serve(
    policy: Annotated[
        Path | None, typer.Option(help="Policy file. Default: the config's or the demo's.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Server configuration (unsay.yaml).")] = None,
    upstream: Annotated[
        str | None, typer.Option(help="Base URL of an OpenAI-compatible server; then no engine is started.")
    ] = None,
    engine: Annotated[EngineKind, typer.Option(help="The engine to start.")] = EngineKind.TRANSFORMERS,
    model: Annotated[str | None, typer.Option(help="The engine's model. Default: the demo's.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to bind. Default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind. Default 8080; 0 picks one.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that serve. Default 1.")] = None,
    steering: Annotated[
        Literal["required", "preferred", "off"] | None,
        typer.Option(
            help="Steer inside the engine. Default: preferred with --engine vllm, else the config's."
        ),
    ] = None,
    state: Annotated[Path, typer.Option(help="Folder for snapshot, key and logs.")] = Path(".unsay"),
) -> None:
    """Serve an OpenAI-compatible endpoint that keeps what the policy says forgotten.

    Examples:

      unsay serve                                          the demo: a small model and its engine

      unsay serve --policy policy.yaml --upstream http://127.0.0.1:8000/v1

      unsay serve --config unsay.yaml
    """
    environment = one_thread_each()
    from unsay import serving

    serving.run(
        serving.Choice(
            policy, config, upstream, engine, model, host, port, workers, steering, state, environment
        )
    )


def main() -> None:
    app()
