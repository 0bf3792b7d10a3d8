"""What a trained divergence says about itself: for whom it was made, and nothing of what it holds.

Rule: it is sealed with the key, and another format, key or tokenizer and a changed file are refused.
"""

import hmac
from hashlib import blake2b, sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.key import key_id, subkey
from steering.divergence.form import Form

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST = 1 << 24
CONFIDENTIAL = (
    "Confidential. With the key this folder tells what the entries say. Keep it on the engine's host alone."
)


class DivergenceError(ValueError):
    """A divergence cannot be used; says what was expected, what was found and what to do."""


class DivergenceManifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    generation: int
    notice: str = CONFIDENTIAL
    contents: str
    key_id: str
    tokenizer: str
    form: Form = Form.LINEAR
    alpha: float = Field(gt=0)
    top: int = Field(gt=0)
    entries: tuple[str, ...] = ()
    files: dict[str, str] = {}
    seal: str = ""

    def sealed(self, key: bytes) -> "DivergenceManifest":
        return self.model_copy(update={"seal": self._seal(key)})

    def check(self, key: bytes, tokenizer: str) -> None:
        _expect("format", FORMAT, self.format)
        _expect("key id", key_id(key), self.key_id)
        if not hmac.compare_digest(self._seal(key), self.seal):
            raise DivergenceError(f"{MANIFEST}: it was changed after the training; train again")
        _expect("tokenizer", tokenizer, self.tokenizer)

    def _seal(self, key: bytes) -> str:
        text = self.model_copy(update={"seal": ""}).model_dump_json()
        return blake2b(text.encode(), key=subkey(key, "divergence seal"), digest_size=16).hexdigest()


def read_manifest(folder: Path) -> DivergenceManifest:
    path = folder / MANIFEST
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise DivergenceError(f"{path}: expected a manifest; make one with: unsay steer train")
    try:
        return DivergenceManifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise DivergenceError(f"{path}: not a manifest of format {FORMAT}; train again") from None


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _expect(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise DivergenceError(
            f"{MANIFEST}: expected {what} {expected}, found {found}; train again for this engine"
        )
