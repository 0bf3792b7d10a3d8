"""What a folder for an engine says about itself: for whom it was made, and nothing of what it holds.

Rule: it is sealed with the key, and another format, key or tokenizer, or a change of any of it, is refused.
"""

import hmac
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from index.key import key_id, subkey
from index.kind import Kind
from index.manifest import MANIFEST, ManifestFile

FORMAT = 1
LARGEST = 1 << 26
CONFIDENTIAL = (
    "Confidential. With the key this folder tells what the entries say. Keep it on the engine's host alone."
)


class Sealed(BaseModel):
    """`contents` is the commitment to the policy's entries and detectors. Of the class: what is raised, what
    the seal is for, the command that makes such a folder, and what such a folder is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: ClassVar[type[ValueError]]
    purpose: ClassVar[str]
    command: ClassVar[str]
    kind: ClassVar[Kind]

    format: int = FORMAT
    notice: str = CONFIDENTIAL
    contents: str
    key_id: str
    tokenizer: str
    entries: tuple[str, ...] = ()
    files: dict[str, ManifestFile] = {}
    seal: str = ""

    def sealed(self, key: bytes) -> Self:
        return self.model_copy(update={"seal": self._seal(key)})

    def text(self) -> str:
        """As it is written."""
        return self.model_dump_json(indent=2) + "\n"

    def check(self, key: bytes, tokenizer: str) -> None:
        """Raises the class's error."""
        self.expect("format", FORMAT, self.format)
        self.expect("key id", key_id(key), self.key_id)
        if not hmac.compare_digest(self._seal(key), self.seal):
            raise self.error(f"{MANIFEST}: it was changed after it was made; run again: {self.command}")
        self.expect("tokenizer", tokenizer, self.tokenizer)

    def expect(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            raise self.error(
                f"{MANIFEST}: expected {what} {expected}, found {found}; run for this engine: {self.command}"
            )

    def _seal(self, key: bytes) -> str:
        text = self.model_copy(update={"seal": ""}).model_dump_json()
        return blake2b(text.encode(), key=subkey(key, self.purpose), digest_size=16).hexdigest()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """As it stands, unchecked."""
        path = folder / MANIFEST
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise cls.error(f"{path}: expected a manifest, found none; make one with: {cls.command}")
        try:
            written = path.read_bytes()
            found = cls.model_validate_json(written)
        except ValidationError:
            raise cls.error(f"{path}: not a manifest of format {FORMAT}; run again: {cls.command}") from None
        # The seal is of what it means; a field that stands twice means what the last one says.
        if written != found.text().encode():
            raise cls.error(f"{path}: it was changed after it was made; run again: {cls.command}")
        return found
