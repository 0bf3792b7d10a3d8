"""The folder of the segments that a snapshot was merged from, beside its generations.

Rules: a segment is there whole or not at all, under a name that commits to what it was compiled from; so a
build that was cut off goes on where it was, and one of a changed policy compiles what has changed. One build
at a time.
"""

import fcntl
import mmap
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from index.kind import PARTS
from index.manifest import read_manifest
from index.segment.error import SegmentError
from index.segment.segment import Segment

_ENDING = ".segment"


class SegmentStore:
    """Of the snapshot in `folder`."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder / PARTS, key

    @contextmanager
    def alone(self) -> Iterator["SegmentStore"]:
        """The lock goes with the process."""
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield self
        finally:
            os.close(descriptor)
            # What was refused leaves nothing behind.
            with suppress(OSError):
                self._folder.rmdir()
                self._folder.parent.rmdir()

    def find(self, name: str) -> Segment | None:
        """None where it is not there, or any of it cannot be used."""
        try:
            found = self.open(name)
            found.check()
        except SegmentError:
            return None
        return found

    def open(self, name: str) -> Segment:
        """Mapped: only what is asked for is read, also when the file has gone since."""
        path = self._folder / f"{name}{_ENDING}"
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            fault = f"{path}: cannot be read ({error}); run again: unsay index build"
            raise SegmentError(fault) from None
        try:
            forget = partial(mapped.madvise, mmap.MADV_DONTNEED)
            return Segment.from_bytes(memoryview(mapped), self._key, forget)
        except SegmentError as error:
            raise SegmentError(f"{path}: {error}") from None

    def put(self, name: str, segment: Segment) -> Segment:
        draft = self._folder / f".draft-{secrets.token_hex(4)}"
        try:
            with draft.open("wb") as file:
                for piece in segment.pieces(self._key):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{name}{_ENDING}")
        finally:
            draft.unlink(missing_ok=True)
        return self.open(name)

    def sweep(self, names: Collection[str]) -> None:
        """Remove all segments but these, and drafts."""
        kept = {f"{name}{_ENDING}" for name in names}
        for path in self._folder.iterdir():
            if path.name not in kept and (path.suffix == _ENDING or path.name.startswith(".")):
                path.unlink()


def parts_of(folder: Path, key: bytes) -> Sequence[Segment]:
    """Those of the snapshot there, in order. Raises SnapshotError and SegmentError."""
    manifest = read_manifest(folder)
    manifest.check(key)
    store = SegmentStore(folder, key)
    return [store.open(name) for name in manifest.parts]
