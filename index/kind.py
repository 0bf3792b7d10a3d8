"""What a folder that is written anew may hold: nothing, or what was made there before, of the same kind.

Rule: anything else, another thing of ours or somebody's own files, is never replaced and never removed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
# The folder of what is compiled, before it is merged.
PARTS = "parts"
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
        if not _is_there(manifest):
            return _is_begun(folder)
        named = _fields(manifest)
        return _is_damaged(folder) if named is None else self.fields <= named


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _fields(manifest: Path) -> frozenset[str] | None:
    """None where it can't be read: it is damaged, and says nothing of whose it is."""
    try:
        if not manifest.is_file():
            return None
        if manifest.stat().st_size > LARGEST:
            return frozenset()
        found = json.loads(manifest.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _is_begun(folder: Path) -> bool:
    """Whether all that is there may come of first builds that were killed: drafts, and 1, 2, 3 ..."""
    numbers = sorted(_generations(folder))
    return not _others(folder) and numbers == list(range(1, len(numbers) + 1))


def _is_damaged(folder: Path) -> bool:
    """Whether all that is there, but for the manifest, may come of builds."""
    return not _others(folder) and any(_generations(folder))


def _others(folder: Path) -> list[Path]:
    """What no build leaves there."""
    drafts = (".draft-", f".{MANIFEST}")
    left = (path for path in folder.iterdir() if not path.name.startswith(drafts))
    return [path for path in left if path.name not in (MANIFEST, PARTS) and not _is_generation(path)]


def _generations(folder: Path) -> Iterator[int]:
    return (int(path.name) for path in folder.iterdir() if _is_generation(path))


def _is_generation(path: Path) -> bool:
    return path.is_dir() and path.name.isdecimal()
