"""Ed25519 keys: the secret one in a file that only its owner reads, the public one as a line of text.

Rule: a secret key is never shown, and a file of one that others may read is refused.
"""

import base64
import binascii
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "ed25519:"
# A key takes some hundred bytes; what is longer is none.
LARGEST = 4096
_EXPECTED = f"`{PREFIX}` and 44 characters of base64"
_SECRET = "a file with an Ed25519 key in PEM (`unsay policy key` makes one)"


class SigningKeyError(ValueError):
    """A key cannot be used; says what was expected and where, and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`raw`: its 32 bytes."""

    raw: bytes

    def __str__(self) -> str:
        return PREFIX + base64.b64encode(self.raw).decode()

    @property
    def id(self) -> str:
        """A short name for it."""
        return sha256(self.raw).hexdigest()[:16]

    def verifies(self, data: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def parse(cls, text: str) -> Self:
        """From its line of text."""
        try:
            raw = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32 or not text.strip().startswith(PREFIX):
            raise SigningKeyError(f"expected a public key: {_EXPECTED}, found another text")
        return cls(raw)

    @classmethod
    def given(cls, text: str) -> Self:
        """From its line of text, or from a file that holds it."""
        if text.startswith(PREFIX):
            return cls.parse(text)
        try:
            with Path(text).open("rb") as file:
                said = file.read(LARGEST).decode()
        except (OSError, ValueError):
            raise SigningKeyError(
                f"expected a public key: {_EXPECTED}, or a file that holds it; found neither"
            ) from None
        return cls.parse(said)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """`raw`: its 32 secret bytes."""

    raw: bytes

    @property
    def public(self) -> PublicKey:
        own = Ed25519PrivateKey.from_private_bytes(self.raw).public_key()
        return PublicKey(own.public_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.raw).sign(data)

    @classmethod
    def new(cls) -> Self:
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, pem: bytes, where: str) -> Self:
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningKeyError(f"{where}: expected {_SECRET}, found something else")
        return cls(key.private_bytes_raw())

    @classmethod
    def load(cls, path: Path) -> Self:
        try:
            with path.open("rb") as file:
                mode, pem = os.fstat(file.fileno()).st_mode, file.read(LARGEST)
        except OSError as error:
            raise SigningKeyError(f"{path}: expected {_SECRET}, found none: {error.strerror}") from None
        if mode & 0o077:
            raise SigningKeyError(f"{path}: expected a file that its owner alone may read (chmod 600)")
        return cls.parse(pem, str(path))

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        if not path.exists():
            try:
                return cls.create(path)
            except FileExistsError:
                # Somebody else made it meanwhile.
                pass
        return cls.load(path)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new one in a new file. It is there whole or not at all."""
        key = cls.new()
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key._pem())
            file.flush()
            os.fsync(file.fileno())
        try:
            # Fails where there is one, which a renaming would replace.
            os.link(draft, path)
        finally:
            draft.unlink()
        return key

    def _pem(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.raw).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
