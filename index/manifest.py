"""What a snapshot says about itself: readable by anybody, and nothing of what is forgotten in it.

Sealed with the key, so that nobody without it can change a threshold, an entry's dates or a file unnoticed.
"""

import hmac
import unicodedata
from datetime import datetime
from functools import cache
from hashlib import blake2b, sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.key import key_id, subkey
from index.kind import LARGEST, Kind
from index.kind import MANIFEST as MANIFEST
from policy.entry import Reason

FORMAT = 7
KIND = Kind("a snapshot", frozenset({"window", "reveal"}))


class SnapshotError(ValueError):
    """A snapshot cannot be used; says which file, what was expected, what was found, what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManifestFile(_Part):
    size: int
    sha256: str


class ManifestEncoder(_Part):
    name: str
    fingerprint: str
    dimension: int


class ManifestEntry(_Part):
    """`windows`: of all its passages together. `share`: of the traffic it binds. `monitored`: it is found and
    told, and nothing is withheld.
    """

    id: str
    reason: Reason
    models: tuple[str, ...]
    keys: tuple[str, ...]
    start: datetime | None = None
    end: datetime | None = None
    passages: int = 0
    windows: int = 0
    names: int = 0
    secrets: int = 0
    vectors: int = 0
    share: float = Field(default=1.0, ge=0, le=1)
    monitored: bool = False


class Manifest(_Part):
    """`fold` is the version of the units: a text folded otherwise has other units.

    `contents` is the commitment to the policy's entries and detectors; `ledger`, the last record of the
    ledger that went in besides, and `base` then the generation of the policy's own snapshot; `parts` name the
    segments that it was merged from, where they stay.
    """

    format: int = FORMAT
    generation: int
    made: datetime
    contents: str
    key_id: str
    fold: str
    window: int
    reveal: int
    encoder: ManifestEncoder | None = None
    calibration: dict[str, Any] | None = None
    entries: tuple[ManifestEntry, ...] = ()
    files: dict[str, ManifestFile] = {}
    ledger: int | None = None
    base: int | None = None
    parts: tuple[str, ...] = ()
    seal: str = ""

    def sealed(self, key: bytes) -> "Manifest":
        return self.model_copy(update={"seal": self._seal(key)})

    def text(self) -> str:
        """As it is written."""
        return self.model_dump_json(indent=2) + "\n"

    def check(self, key: bytes) -> None:
        """Refuse another format, another key, another fold and a changed manifest."""
        _expect("format", FORMAT, self.format)
        _expect(
            "key id", key_id(key), self.key_id, "set the key the snapshot was built with, or build it again"
        )
        _expect("fold", fold_version(), self.fold)
        if not hmac.compare_digest(self._seal(key), self.seal):
            raise SnapshotError(
                f"{MANIFEST}: the seal is broken: it was changed after the build; build it again"
            )

    def _seal(self, key: bytes) -> str:
        text = self.model_copy(update={"seal": ""}).model_dump_json()
        return blake2b(text.encode(), key=subkey(key, "seal"), digest_size=16).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest as it stands, unchecked: for showing, and for deciding whether to build."""
    path = folder / MANIFEST
    try:
        written = _read(path)
        found = Manifest.model_validate_json(written)
    except FileNotFoundError:
        raise SnapshotError(f"{path}: there is no snapshot; build one with: unsay index build") from None
    except (ValidationError, OSError) as error:
        fault = str(error).splitlines()[0]
        raise SnapshotError(f"{path}: not a manifest of format {FORMAT} ({fault}); build it again") from None
    # The seal is of what it means; a field that stands twice means what the last one says.
    if written != found.text().encode():
        raise SnapshotError(f"{path}: not as it was written: it was changed after the build; build it again")
    return found


def _read(path: Path) -> bytes:
    """A device never ends, and a pipe waits for somebody to write: neither is opened."""
    if path.exists() and not path.is_file():
        raise OSError("expected a file, found something else")
    if path.stat().st_size > LARGEST:
        raise OSError(f"expected at most {LARGEST} bytes, found more")
    return path.read_bytes()


@cache
def fold_version() -> str:
    """Changes with the table of look-alikes and with the interpreter's version of Unicode."""
    table = files("index").joinpath("fold_table.txt").read_bytes()
    return f"{sha256(table).hexdigest()[:16]}-{unicodedata.unidata_version}"


def _expect(what: str, expected: object, found: object, remedy: str = "build it again") -> None:
    if expected != found:
        raise SnapshotError(f"{MANIFEST}: expected {what} {expected}, found {found}; {remedy}")
