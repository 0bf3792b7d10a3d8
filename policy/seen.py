"""What the files of a policy looked like from outside, so that a change shows without reading them.

Rule: the look at a file is older than what was read of it, so that a change in between shows too.
"""

import glob
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

# Time, size and place of a file; None where there is none.
Look = tuple[int, int, int] | None
# By pattern, then by the name of the file that it matched.
Seen = Mapping[str, Mapping[str, Look]]


def look(path: Path) -> Look:
    with suppress(OSError, ValueError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None


def matching(folder: Path, pattern: str, most: int) -> list[str]:
    """A file of exactly this name goes first, so that brackets in a name are no pattern."""
    if (folder / pattern).is_file():
        return [pattern]
    found = glob.iglob(pattern, root_dir=folder, recursive=True)
    regular = (name for name in found if (folder / name).is_file())
    return sorted(islice(regular, most + 1))


def look_at(folder: Path, pattern: str, most: int) -> Mapping[str, Look]:
    """What the pattern matches now; nothing, where it is none."""
    with suppress(OSError, ValueError, RecursionError):
        return {name: look(folder / name) for name in matching(folder, pattern, most)}
    return {}
