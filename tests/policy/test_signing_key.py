"""Ed25519 keys are kept as files that their owner alone reads, and known to others as one line of text."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from policy.signing_key import PublicKey, SigningKey, SigningKeyError


def test_a_key_signs_and_its_public_half_tells_what_was_signed() -> None:
    key = SigningKey.new()
    signature = key.sign(b"one")
    assert key.public.verifies(b"one", signature)
    assert not key.public.verifies(b"two", signature)
    assert not SigningKey.new().public.verifies(b"one", signature)
    assert not key.public.verifies(b"one", b"")


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.pem"
    made = SigningKey.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load_or_create(path).raw == made.raw
    assert [one.name for one in path.parent.iterdir()] == ["ledger.pem"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    SigningKey.create(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(SigningKeyError, match="its owner alone may read"):
        SigningKey.load(tmp_path / "key")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    first = SigningKey.create(tmp_path / "key")
    with pytest.raises(FileExistsError):
        SigningKey.create(tmp_path / "key")
    assert SigningKey.load(tmp_path / "key").raw == first.raw


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SigningKeyError, match="ledger: expected a file with an Ed25519 key"):
        SigningKey.parse(pem, "ledger")


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", bytes(5000)])
def test_what_is_no_key_is_refused_and_not_shown(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(SigningKeyError, match="expected a file with an Ed25519 key in PEM") as refused:
        SigningKey.load(tmp_path / "key")
    assert "hello" not in str(refused.value)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match="found none: No such file"):
        SigningKey.load(tmp_path / "key")


def test_a_secret_key_is_not_shown() -> None:
    key = SigningKey.new()
    assert str(key.raw) not in repr(key)
    assert key.raw.hex() not in repr(key)


def test_a_public_key_is_one_line_of_text_or_a_file_of_it(tmp_path: Path) -> None:
    public = SigningKey.new().public
    (tmp_path / "public").write_text(f"{public}\n")
    assert PublicKey.parse(str(public)) == public
    assert PublicKey.given(str(public)) == PublicKey.given(str(tmp_path / "public")) == public


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:AAAA", "ed25519:!", "A" * 44, "rsa:" + "A" * 43 + "="]
)
def test_another_text_is_no_public_key(text: str) -> None:
    with pytest.raises(SigningKeyError, match="expected a public key: `ed25519:` and 44 characters"):
        PublicKey.given(text)
