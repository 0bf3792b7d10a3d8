"""What an artefact says about itself: for whom it was made, and nothing of what it holds.

Rule: it is sealed with the key, and another format, key, fold or tokenizer is refused.
"""

import hmac
from hashlib import blake2b
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from index.key import key_id, subkey
from index.manifest import ManifestFile, fold_version

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST = 1 << 26
CONFIDENTIAL = (
    "Confidential. With the key this folder tells what the entries say. Keep it on the engine's host alone."
)


class ArtefactError(ValueError):
    """An artefact cannot be used; says what was expected, what was found and what to do."""


class ArtefactManifest(BaseModel):
    """`number`: the folder of the arrays. `generation`: of the snapshot that it goes with. `contents` is the
    commitment to the policy's entries and detectors; `windows`, the lengths that there are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    notice: str = CONFIDENTIAL
    number: int
    generation: int
    contents: str
    key_id: str
    fold: str
    tokenizer: str
    windows: tuple[int, ...] = ()
    entries: tuple[str, ...] = ()
    files: dict[str, ManifestFile] = {}
    seal: str = ""

    def sealed(self, key: bytes) -> "ArtefactManifest":
        return self.model_copy(update={"seal": self._seal(key)})

    def check(self, key: bytes, tokenizer: str) -> None:
        _expect("format", FORMAT, self.format)
        _expect("key id", key_id(key), self.key_id)
        _expect("fold", fold_version(), self.fold)
        if not hmac.compare_digest(self._seal(key), self.seal):
            raise ArtefactError(f"{MANIFEST}: it was changed after the build")
        _expect("tokenizer", tokenizer, self.tokenizer)

    def _seal(self, key: bytes) -> str:
        text = self.model_copy(update={"seal": ""}).model_dump_json()
        return blake2b(text.encode(), key=subkey(key, "steering seal"), digest_size=16).hexdigest()


def read_manifest(folder: Path) -> ArtefactManifest:
    """As it stands, unchecked."""
    path = folder / MANIFEST
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise ArtefactError(f"{path}: expected a manifest, found none")
    try:
        return ArtefactManifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ArtefactError(f"{path}: not a manifest of format {FORMAT}") from None


def _expect(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise ArtefactError(f"{MANIFEST}: expected {what} {expected}, found {found}")
