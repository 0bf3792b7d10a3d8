"""How a new generation of a snapshot gets into its folder: whole or not at all, also when power fails.

Arrays are written and synced under a name that nothing points to; then the manifest is replaced in one step.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from index.kind import Kind
from index.manifest import MANIFEST, SnapshotError, read_manifest


class Said(Protocol):
    """A manifest of whatever is published."""

    def text(self) -> str: ...


S = TypeVar("S", bound=Said)


def publish(
    folder: Path,
    write: Callable[[Path], None],
    say: Callable[[int, Path], S],
    kind: Kind,
    *,
    lasting: bool = True,
) -> S:
    """Arrays first, under a name that nothing points to; then the manifest, in one step.

    Raises FolderError where the folder holds what is not of this kind. `lasting`: it outlives a power cut,
    and old generations are gone; what can be made anew at any time waits for neither.
    """
    kind.check(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        kind.check(folder)
        generation = _last_generation(folder) + 1
        draft = folder / f".draft-{secrets.token_hex(4)}"
        draft.mkdir(mode=0o700)
        try:
            write(draft)
            if lasting:
                for path in draft.iterdir():
                    _sync(path)
            manifest = say(generation, draft)
            if lasting:
                _sync(draft)
            draft.rename(folder / str(generation))
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _replace(folder / MANIFEST, manifest.text(), lasting)
        if lasting:
            remove_old(folder, generation)
    return manifest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time in a folder; the lock goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _last_generation(folder: Path) -> int:
    """Of what the manifest says and what a build that was killed may have left."""
    found = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    with suppress(SnapshotError):
        found.append(read_manifest(folder).generation)
    return max(found, default=0)


def _replace(path: Path, text: str, lasting: bool) -> None:
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="utf-8")
    if lasting:
        _sync(draft)
    draft.replace(path)
    if lasting:
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_old(folder: Path, generation: int) -> None:
    """All but this generation and the one before, which somebody may be opening right now."""
    for path in folder.iterdir():
        draft = path.name.startswith(".draft-")
        if path.is_dir() and (draft or (path.name.isdecimal() and int(path.name) < generation - 1)):
            shutil.rmtree(path, ignore_errors=True)
