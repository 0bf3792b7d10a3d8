"""A folder that is there whole or not at all, also when power fails or the disk is full.

Rule: what is written lies under a name that nothing reads until every byte of it is on the disk; then it gets
its name in one step.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DRAFT: Final = ".draft-"


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """A draft to write into, which becomes `folder` at the end. Nothing stays where writing fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(folder)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        yield draft
        _sync_all(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(folder.parent)


def draft_of(folder: Path) -> Path:
    return folder.with_name(f"{DRAFT}{folder.name}")


def remove_drafts(folder: Path) -> None:
    """What writers that were killed left behind."""
    for path in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(path, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
