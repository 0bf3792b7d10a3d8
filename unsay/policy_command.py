"""`unsay policy`: what the file says, whether it is right, what it would find, and who signed it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from unsay.console import PROBLEM, fail, failures, note, say

app = typer.Typer(help="Check, explain, test and sign policy files.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="Policy file (YAML).")]


@app.command()
def check(
    file: File,
    model: Annotated[
        list[str] | None, typer.Option(help="A model that is served, by any of its names; may be repeated.")
    ] = None,
) -> None:
    """Read the policy and every file it names; say all that is wrong, with file, line and field.

    Example: unsay policy check policy.yaml --model demo
    """
    from index.bits import bits
    from policy.check import check_policy

    report = check_policy(file, datetime.now(UTC), bits, model or ())
    say(report.text)
    raise typer.Exit(PROBLEM if report.code else 0)


@app.command()
def explain(
    file: File,
    text: Annotated[str, typer.Argument(help="A prompt or an answer.")],
    exact: Annotated[bool, typer.Option("--exact", help="Leave the semantic detector out.")] = False,
    model: Annotated[str, typer.Option(help="The model that would be asked.")] = "demo",
) -> None:
    """Show what would be found in a text, why, and what would be done about it.

    Example: unsay policy explain policy.yaml "Where was Alden Crane born?"
    """
    from index.passage import BuildError
    from policy.file import PolicyError
    from unsay.explaining import explain as look

    with failures(PolicyError, BuildError, OSError, ValueError):
        say(look(file, text, model, exact=exact))


@app.command("test")
def run_tests(
    file: File,
    exact: Annotated[bool, typer.Option("--exact", help="Leave the semantic detector out.")] = False,
    model: Annotated[str, typer.Option(help="The model that would be asked.")] = "demo",
) -> None:
    """Try the tests that a policy carries: what it must withhold, and what it must answer.

    Ends with 1 when a test fails. Example: unsay policy test policy.yaml
    """
    from index.passage import BuildError
    from policy.file import PolicyError, load_policy
    from unsay.policy_tests import NONE, tried
    from unsay.rehearsal import rehearsed

    with failures(PolicyError, BuildError, OSError, ValueError):
        policy = load_policy(file)
        if not len(policy.cases):
            fail(f"{file}: {NONE}")
        with rehearsed(policy, model, exact=exact) as rehearsal:
            results = list(tried(rehearsal, policy.cases))
    failed = [result for result in results if not result.passed]
    for result in failed:
        say(f"{file}: {result.text}")
    say(f"{len(results) - len(failed)} of {len(results)} tests passed")
    raise typer.Exit(1 if failed else 0)


@app.command()
def schema() -> None:
    """Print the JSON schema of policy files, for editors.

    Example: unsay policy schema > policy.schema.json
    """
    from policy.schema import schema_text

    say(schema_text())


@app.command()
def sign(
    file: File,
    key: Annotated[
        Path, typer.Option(help="File of the secret key (Ed25519, PEM); made when it is missing.")
    ] = Path("policy.key"),
) -> None:
    """Sign the policy and every file it names. The signature is put beside it, as FILE.sig.

    Prints the public key, which belongs under `policy_keys` in unsay.yaml. Keep the secret one off the
    gateway's host. Example: unsay policy sign policy.yaml --key policy.key
    """
    from policy.file import PolicyError, load_policy
    from policy.signature import beside, signature
    from policy.signing_key import SigningKey, SigningKeyError

    with failures(PolicyError, SigningKeyError, OSError):
        policy, secret = load_policy(file), SigningKey.load_or_create(key)
        beside(file).write_bytes(signature(policy, secret, datetime.now(UTC)))
    note(f"signed: {beside(file)}")
    say(str(secret.public))


@app.command()
def verify(
    file: File,
    key: Annotated[
        list[str], typer.Option(help="A public key that is trusted, or a file of one; may be repeated.")
    ],
) -> None:
    """Check that a trusted key signed the policy and every file it names as they are now.

    Ends with 2 when it did not. Example: unsay policy verify policy.yaml --key ed25519:...
    """
    from policy.file import PolicyError, load_policy
    from policy.signature import Trust, check_signature
    from policy.signing_key import PublicKey, SigningKeyError

    with failures(PolicyError, SigningKeyError):
        trust = Trust(tuple(map(PublicKey.given, key)), required=True)
        check_signature(file, load_policy(file), trust)
    say(f"{file}: signed by a trusted key, and nothing was changed since")
