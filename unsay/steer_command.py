"""`unsay steer`: what an engine steers by, made from a policy for one model's tokenizer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unsay.bias_command import bias
from unsay.console import failures, note, progress_line

if TYPE_CHECKING:
    from policy.policy import Policy


app = typer.Typer(help="Make what an engine steers by.", no_args_is_help=True)


@app.command()
def build(
    policy: Annotated[Path, typer.Argument(help="Policy file.")],
    tokenizer: Annotated[Path, typer.Option(help="Folder of the engine's model, for its tokenizer.")],
    folder: Annotated[Path, typer.Option("--out", help="Where to write it; confidential.")] = Path(
        ".unsay/artefact"
    ),
    key: Annotated[
        Path, typer.Option(help="The snapshot's key file, used unless UNSAY_INDEX_KEY is set.")
    ] = Path(".unsay/index.key"),
    snapshot: Annotated[
        Path, typer.Option(help="The gateway's snapshot of this policy, which the engine must go with.")
    ] = Path(".unsay/snapshot"),
) -> None:
    """Compile a policy into what an engine needs to never say it: for one tokenizer and one snapshot.

    The folder lies on the engine's host alone: with the key, it tells what the entries say.

    Example: unsay steer build policy.yaml --tokenizer models/llama --out .unsay/artefact
    """
    from index.key import IndexKeyError
    from index.manifest import SnapshotError
    from index.passage import BuildError
    from policy.file import PolicyError, load_policy
    from steering.compile import build as compile_artefact
    from steering.manifest import ArtefactManifest
    from steering.vocabulary import Vocabulary, VocabularyError

    with failures(PolicyError, BuildError, VocabularyError, SnapshotError, IndexKeyError, OSError):
        loaded = load_policy(policy)
        ArtefactManifest.kind.check(folder)
        secret = _snapshot_key(key, folder)
        generation = _generation(snapshot, loaded, secret)
        compile_artefact(loaded, folder, secret, Vocabulary.load(tokenizer), generation, progress_line())
    note(f"what goes with generation {generation} is in {folder}")


@app.command()
def train(
    policy: Annotated[Path, typer.Argument(help="Policy file.")],
    tokenizer: Annotated[Path, typer.Option(help="Folder of the engine's model, for its tokenizer.")],
    folder: Annotated[Path, typer.Option("--out", help="Where to write it; confidential.")] = Path(
        ".unsay/divergence"
    ),
    key: Annotated[
        Path, typer.Option(help="Key file, used unless UNSAY_INDEX_KEY is set; made when missing.")
    ] = Path(".unsay/index.key"),
    form: Annotated[
        Literal["linear", "rank"], typer.Option(help="linear: lower the odds. rank: ban the first of them.")
    ] = "linear",
    alpha: Annotated[float | None, typer.Option(min=0.1, help="With linear: how much. Default 5.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="With rank: how many. Default 20.")] = None,
) -> None:
    """Train what lowers the odds of saying what only the entries know. Takes seconds, on the CPU.

    The folder lies on the engine's host alone. Train again after every change of the policy.

    Example: unsay steer train policy.yaml --tokenizer models/llama --out .unsay/divergence
    """
    from index.key import IndexKeyError
    from policy.file import PolicyError, load_policy
    from steering.divergence.form import ALPHA, TOP, Form
    from steering.divergence.manifest import DivergenceManifest
    from steering.divergence.train import Recipe
    from steering.divergence.train import train as train_pair
    from steering.vocabulary import VocabularyError
    from unsay.snapshots import find_key

    with failures(PolicyError, VocabularyError, IndexKeyError, OSError):
        recipe = Recipe(Form(form), alpha or ALPHA, top or TOP)
        DivergenceManifest.kind.check(folder)
        secret = find_key(key, folder)
        manifest = train_pair(load_policy(policy), tokenizer, folder, secret, recipe, progress_line())
    note(f"generation {manifest.generation} is in {folder}")


app.command()(bias)


def _snapshot_key(key: Path, folder: Path) -> bytes:
    """A new key would open no snapshot, so none is made."""
    from index.key import IndexKeyError, key_from_environment
    from unsay.snapshots import find_key

    if key_from_environment() is None and not key.is_file():
        raise IndexKeyError(f"{key}: expected the key that the snapshot was built with, found no file")
    return find_key(key, folder)


def _generation(snapshot: Path, policy: "Policy", key: bytes) -> int:
    """Of the snapshot, if it is this policy's."""
    from index.key import commitment
    from index.manifest import SnapshotError, read_manifest
    from policy.digest import contents_digest

    manifest = read_manifest(snapshot)
    manifest.check(key)
    if manifest.contents != commitment(key, contents_digest(policy)):
        raise SnapshotError(
            f"{snapshot}: expected the snapshot of this policy, found another's; run: unsay index build"
        )
    return manifest.generation
