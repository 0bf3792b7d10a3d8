"""`unsay steer bias`: what a model server without the plug-in is asked to leave out."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import fail, failures, note


def bias(
    policy: Annotated[Path, typer.Argument(help="Policy file.")],
    tokenizer: Annotated[Path, typer.Option(help="The model's tokenizer.json, or the folder it is in.")],
    table: Annotated[Path, typer.Option("--out", help="Where to write it; needs the key to be read.")] = Path(
        ".unsay/biases"
    ),
    key: Annotated[
        Path, typer.Option(help="Key file, used unless UNSAY_INDEX_KEY is set; made when missing.")
    ] = Path(".unsay/index.key"),
) -> None:
    """Compile a policy's secrets into tokens and strings for `logit_bias` and `bad_words`.

    The gateway reads it (`bias.table` in its settings). Do it again after every change of the policy.

    Example: unsay steer bias policy.yaml --tokenizer models/llama
    """
    from index.biases import write_biases
    from index.key import IndexKeyError
    from policy.file import PolicyError, load_policy
    from steering.biases import compile_biases
    from steering.token_bytes import VocabularyError
    from steering.tokenizer_file import read_tokenizer
    from unsay.snapshots import find_key

    if table.is_dir():
        fail(f"{table}: expected a file to write, found a folder; name another with --out")
    with failures(PolicyError, VocabularyError, IndexKeyError, OSError):
        loaded, secret = load_policy(policy), find_key(key, table)
        found = compile_biases(loaded, read_tokenizer(tokenizer), secret)
        table.parent.mkdir(parents=True, exist_ok=True)
        write_biases(table, secret, found)
    tokens = sum(len(one.tokens) for one in found.values())
    words = sum(len(one.words) for one in found.values())
    note(f"{tokens} tokens and {words} strings of {len(found)} entries are in {table}")
