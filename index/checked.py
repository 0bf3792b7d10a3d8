"""Whether files are as a manifest says.

Rule: what was found whole is not read again as long as it is the same file, to which nobody has written.
"""

from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from index.manifest import ManifestFile

# When there are more, all are forgotten.
MOST_REMEMBERED = 1 << 16

_Seen = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """Files by what the system knows them by, with the digest that was found."""

    _digests: dict[_Seen, str] = field(default_factory=dict)

    def fault(self, path: Path, expected: ManifestFile) -> str | None:
        if not path.is_file():
            return "missing"
        size = path.stat().st_size
        if size != expected.size:
            return f"expected {expected.size} bytes, found {size}"
        sha256 = self.sha256(path)
        if sha256 != expected.sha256:
            return f"expected SHA-256 {expected.sha256}, found {sha256}"
        return None

    def sha256(self, path: Path) -> str:
        """Raises OSError."""
        found = path.stat()
        seen = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
        digest = self._digests.get(seen)
        if digest is None:
            if len(self._digests) >= MOST_REMEMBERED:
                self._digests.clear()
            digest = self._digests[seen] = describe(path).sha256
        return digest


def describe(path: Path) -> ManifestFile:
    with path.open("rb") as file:
        return ManifestFile(size=path.stat().st_size, sha256=file_digest(file, "sha256").hexdigest())
