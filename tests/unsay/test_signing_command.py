"""`unsay policy sign` and `verify` as an operator uses them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unsay.test_command import POLICY
from unsay.policy_command import app


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path / "policy.yaml"


def ask(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def signed(policy: Path) -> str:
    """The public key."""
    ended = ask("sign", policy, "--key", policy.with_name("policy.key"))
    assert ended.exit_code == 0
    return ended.stdout.strip()


def test_what_was_signed_is_verified_until_it_changes(policy: Path) -> None:
    public = signed(policy)
    assert ask("verify", policy, "--key", public).exit_code == 0
    policy.write_text(POLICY + "# A remark.\n")
    ended = ask("verify", policy, "--key", public)
    assert ended.exit_code == 2
    assert "expected the signature of this policy and its files, got that of others" in ended.stderr


def test_a_key_is_made_once(policy: Path) -> None:
    assert signed(policy) == signed(policy)
    assert policy.with_name("policy.key").stat().st_mode & 0o777 == 0o600


def test_neither_command_says_a_word_of_the_policy_or_the_secret_key(policy: Path) -> None:
    shown = ask("sign", policy, "--key", policy.with_name("policy.key"))
    secret = policy.with_name("policy.key").read_text().splitlines()[1]
    assert "Crane" not in shown.output
    assert secret not in shown.output


def test_an_unsigned_policy_is_not_verified(policy: Path) -> None:
    public = signed(policy)
    policy.with_name("policy.yaml.sig").unlink()
    ended = ask("verify", policy, "--key", public)
    assert (ended.exit_code, "got none" in ended.stderr) == (2, True)


def test_a_policy_that_cannot_be_used_is_not_signed(policy: Path) -> None:
    policy.write_text("version: 2\n")
    assert ask("sign", policy, "--key", policy.with_name("policy.key")).exit_code == 2
    assert not policy.with_name("policy.yaml.sig").exists()


def test_another_text_than_a_public_key_is_refused(policy: Path) -> None:
    ended = ask("verify", policy, "--key", "ed25519:no")
    assert (ended.exit_code, "expected a public key" in ended.stderr) == (2, True)
