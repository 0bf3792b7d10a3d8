"""What a folder that is written anew may hold: nothing, or what was made there before, of the same kind.

Rule: anything else, another thing of ours or somebody's own files, is never replaced and never removed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
LARGEST = 1 << 28


class FolderError(OSError):
    """A folder holds something else, which would be overwritten."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` with its article. `fields` of its manifest, by which every version of it is known."""

    name: str
    fields: frozenset[str]

    def check(self, folder: Path) -> None:
        """Raises FolderError."""
        if folder.is_dir() and not self._may_replace(folder):
            raise FolderError(
                f"{folder}: expected an empty folder or one with {self.name}, found something else; "
                "name another"
            )
        if folder.exists() and not folder.is_dir():
            raise FolderError(f"{folder}: expected a folder, found a file; name another")

    def _may_replace(self, folder: Path) -> bool:
        manifest = folder / MANIFEST
        if not manifest.exists():
            return _is_begun(folder)
        if not manifest.is_file() or manifest.stat().st_size > LARGEST:
            return False
        try:
            found = json.loads(manifest.read_bytes())
        except (ValueError, RecursionError):
            return False
        return isinstance(found, dict) and self.fields <= found.keys()


def _is_begun(folder: Path) -> bool:
    """Whether all that is there may come of first builds that were killed: drafts, and 1, 2, 3 ..."""
    numbers = list(_generations(folder))
    left = [path for path in folder.iterdir() if not path.name.startswith((".draft-", f".{MANIFEST}"))]
    return len(left) == len(numbers) and sorted(numbers) == list(range(1, len(numbers) + 1))


def _generations(folder: Path) -> Iterator[int]:
    for path in folder.iterdir():
        if path.is_dir() and path.name.isdecimal():
            yield int(path.name)
