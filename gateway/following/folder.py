"""What a follower keeps on the disk, beside the policy's snapshot: enough to begin again without the ledger.

`base` is the policy's snapshot as it is in force, `settled` one of it and of the requests of some time ago;
`enforced` and `monitored` are levels above one of these, and `segments` holds what is laid there. Rules: a
file is whole or not there. A segment's name is its digest, and one that has another is not there either.
"""

import mmap
import os
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.following.standing import Made
from gateway.following.wanted import StateError, Wanted
from index.checked import Checked
from index.manifest import MANIFEST, SnapshotError, read_manifest
from index.publishing import remove_old

TRIES = 5


@dataclass(frozen=True, slots=True)
class Folder:
    """`checked`: which files need not be read once more."""

    path: Path
    checked: Checked = field(default_factory=Checked)

    @staticmethod
    def beside(snapshot: Path) -> "Folder":
        return Folder(snapshot.with_name(f"{snapshot.name}-ledger"))

    @property
    def enforced(self) -> Path:
        return self.path / "enforced"

    @property
    def settled(self) -> Path:
        return self.path / "settled"

    @property
    def monitored(self) -> Path:
        return self.path / "monitored"

    @property
    def base(self) -> Path:
        return self.path / "base"

    @property
    def next_base(self) -> Path:
        return self.path / "base-next"

    def make(self) -> None:
        """What was made of the rest is made anew, so nothing of it need be there."""
        for folder in (self.path, self._segments):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(self.settled, ignore_errors=True)
        for folder in (self.enforced, self.monitored):
            try:
                if folder.exists():
                    read_manifest(folder)
            except SnapshotError:
                shutil.rmtree(folder)

    def remove_old(self, made: Made) -> None:
        """The generations before those that are in force now, and the ones before."""
        remove_old(self.enforced, made.enforced)
        if made.monitored is not None:
            remove_old(self.monitored, made.monitored)

    # The policy's snapshot.

    def copy_base(self, snapshot: Path) -> Path:
        """The snapshot as it is now, which nobody changes any more; not yet in force."""
        for left in range(TRIES, 0, -1):
            shutil.rmtree(self.next_base, ignore_errors=True)
            try:
                # Arrays are written once, so that another name for each does; a manifest is replaced.
                shutil.copytree(snapshot, self.next_base, copy_function=os.link)
            except (OSError, shutil.Error):
                # It was built anew meanwhile.
                if left == 1:
                    raise
            else:
                return self.next_base
        raise AssertionError

    def take_base(self) -> None:
        """What was copied last is in force."""
        old = self.path / f".old-{secrets.token_hex(4)}"
        with suppress(FileNotFoundError):
            self.base.rename(old)
        self.next_base.rename(self.base)
        shutil.rmtree(old, ignore_errors=True)

    def drop_base(self) -> None:
        shutil.rmtree(self.next_base, ignore_errors=True)

    def bases_are_same(self, snapshot: Path) -> bool:
        """Whether this snapshot is the one in force."""
        if not (self.base / MANIFEST).exists():
            return False
        return read_manifest(self.base).seal == read_manifest(snapshot).seal

    # What the ledger said.

    def wanted(self, key: bytes) -> Wanted | None:
        """What it wanted last; None where nothing was kept."""
        path = self.path / "state"
        try:
            return Wanted.from_bytes(path.read_bytes(), key)
        except FileNotFoundError:
            return None
        except (StateError, ValueError, KeyError, TypeError) as error:
            fault = error if isinstance(error, StateError) else "it makes no sense"
            raise StateError(f"{path}: {fault}; remove it and begin with the ledger in reach") from None

    def keep(self, wanted: Wanted, key: bytes) -> None:
        """From now on this is what is begun with. Its segments must be here."""
        self._write(self.path / "state", wanted.to_bytes(key))
        self._remove_others({name for wish in wanted.wishes for name in wish.segments})

    # Segments.

    @property
    def _segments(self) -> Path:
        return self.path / "segments"

    def holds(self, name: str) -> bool:
        try:
            return self.checked.sha256(self._segments / name) == name
        except FileNotFoundError:
            return False

    def segment(self, name: str) -> memoryview | None:
        """Mapped: what is not looked at takes no memory, and what is lasts also when the file has gone."""
        if not self.holds(name):
            return None
        with (self._segments / name).open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def put(self, name: str, data: bytes) -> None:
        self._write(self._segments / name, data)

    def _remove_others(self, kept: Collection[str]) -> None:
        for path in self._segments.iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        draft = path.with_name(f".{path.name}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
