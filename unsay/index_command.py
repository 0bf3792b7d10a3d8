"""`unsay index`: the compiled form of a policy."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import failures, note, progress_line, say

app = typer.Typer(help="Build and look at snapshots.", no_args_is_help=True)


@app.command()
def build(
    policy: Annotated[Path, typer.Argument(help="Policy file.")],
    folder: Annotated[Path, typer.Option("--out", help="Snapshot folder.")] = Path(".unsay/snapshot"),
    key: Annotated[
        Path, typer.Option(help="Key file, used unless UNSAY_INDEX_KEY is set; made when missing.")
    ] = Path(".unsay/index.key"),
    exact: Annotated[bool, typer.Option("--exact", help="Leave the semantic detector out.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="unsay.yaml, for its `encoder`; without it the offline one is asked.")
    ] = None,
    ray: Annotated[
        int,
        typer.Option(
            min=0, help="Encode in so many processes of a Ray cluster (RAY_ADDRESS; else this host)."
        ),
    ] = 0,
    generator: Annotated[
        str | None,
        typer.Option(help="OpenAI-compatible URL: asked for questions about passages. It reads their text."),
    ] = None,
    generator_model: Annotated[str | None, typer.Option(help="The model that is asked.")] = None,
    generated: Annotated[
        Path | None, typer.Option(help="Keep what was generated in this file: as confidential as the policy.")
    ] = None,
) -> None:
    """Compile a policy into a snapshot folder in which nothing forgotten can be read.

    Example: unsay index build policy.yaml --out snapshot
    """
    from index.build import build as compile_policy
    from index.encoder import EncoderError
    from index.manifest import KIND
    from index.passage import BuildError
    from policy.file import PolicyError, load_policy
    from unsay.generator import GeneratorError, find_generator
    from unsay.snapshots import find_encoder, find_key

    with failures(PolicyError, BuildError, GeneratorError, EncoderError, OSError, ValueError):
        asker = find_generator(generator, generator_model, generated)
        loaded = load_policy(policy, apart=True)
        KIND.check(folder)
        encoder = None if exact else find_encoder(loaded, config, ray)
        manifest = compile_policy(loaded, folder, find_key(key, folder), encoder, progress_line(), asker)
    note(f"generation {manifest.generation} is in {folder}")


@app.command()
def show(folder: Annotated[Path, typer.Argument(help="Snapshot folder.")] = Path(".unsay/snapshot")) -> None:
    """Print a snapshot's manifest: entries, counts, encoder, calibration.

    Example: unsay index show .unsay/snapshot
    """
    from index.manifest import Manifest, read_manifest
    from index.snapshot import SnapshotError

    with failures(SnapshotError, OSError):
        manifest: Manifest = read_manifest(folder)
    say(manifest.model_dump_json(indent=2))
