"""Merges segments into the next generation of a snapshot: no text is needed for it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from index.key import key_id
from index.levels import BELOW
from index.manifest import KIND, Manifest, ManifestEncoder, ManifestEntry, ManifestFile, fold_version
from index.publishing import publish
from index.segment.below import Below
from index.segment.error import SegmentError
from index.segment.laying import lay, lay_above, placed
from index.segment.part import Part
from index.segment.settings import Settings
from index.shelf import folder_shelf
from index.snapshot import describe


class Merged(Protocol):
    """What was laid beside the exact tables: `counts`: of vectors of each entry."""

    @property
    def counts(self) -> tuple[int, ...]: ...

    @property
    def calibration(self) -> dict[str, Any] | None: ...

    @property
    def encoder(self) -> ManifestEncoder | None: ...


@dataclass(frozen=True, slots=True)
class Laid:
    counts: tuple[int, ...]
    calibration: dict[str, Any] | None = None
    encoder: ManifestEncoder | None = None


# Lays the semantic part of these entries, named in the order of the manifest, into the folder.
Semantic = Callable[[Sequence[str], Path], Merged]


def no_semantics(ids: Sequence[str], _folder: Path) -> Merged:
    return Laid((0,) * len(ids))


@dataclass(frozen=True, slots=True)
class Said:
    """What the manifest says besides: see there. `parts` name the segments that stay beside it."""

    contents: str
    parts: tuple[str, ...] = ()
    ledger: int | None = None
    base: int | None = None


def merge(
    parts: Sequence[Part],
    folder: Path,
    key: bytes,
    settings: Settings,
    said: Said,
    semantic: Semantic = no_semantics,
    *,
    lasting: bool = True,
    below: Below | None = None,
) -> Manifest:
    """Raises SegmentError where parts do not belong together. `lasting`: as `publish` says. `below`: what the
    first parts were merged into already; only the others are laid, above it.
    """
    entries = joined(parts, settings)
    merged: list[Merged] = []

    def write(draft: Path) -> None:
        every = placed([part.segment for part in parts])
        with folder_shelf(draft) as shelf:
            if below is None:
                lay(every, settings, shelf, key)
            else:
                below.link(draft / BELOW)
                under = len(below.segments)
                lay_above(below.folder, every[:under], every[under:], settings, shelf, key)
        merged.append(semantic([entry.id for entry in entries], draft))

    def say(generation: int, arrays: Path) -> Manifest:
        counted = zip(entries, merged[0].counts, strict=True)
        return Manifest(
            generation=generation,
            made=datetime.now(UTC),
            contents=said.contents,
            key_id=key_id(key),
            fold=fold_version(),
            window=settings.window,
            reveal=settings.reveal,
            encoder=merged[0].encoder,
            calibration=merged[0].calibration,
            entries=tuple(entry.model_copy(update={"vectors": count}) for entry, count in counted),
            files=({} if below is None else below.files()) | _described(arrays),
            ledger=said.ledger,
            base=said.base,
            parts=said.parts,
        ).sealed(key)

    return publish(folder, write, say, KIND, lasting=lasting)


def _described(arrays: Path) -> dict[str, ManifestFile]:
    """What lies in a folder within was described when it was made."""
    return {path.name: describe(path) for path in sorted(arrays.iterdir()) if path.is_file()}


def joined(parts: Iterable[Part], settings: Settings) -> list[ManifestEntry]:
    """The entries of all parts: one that goes on in the next part is one."""
    entries: dict[str, ManifestEntry] = {}
    for part in parts:
        if part.segment.header.settings != settings:
            raise SegmentError("expected segments of the same settings, found others; compile them again")
        for place, entry in enumerate(part.entries()):
            before = entries.get(entry.id)
            if place == 0 and part.segment.header.goes_on:
                if before is None or next(reversed(entries)) != entry.id:
                    raise SegmentError(f"entry {entry.id}: expected the part before this one; found none")
                entries[entry.id] = _sum(before, entry)
            elif before is not None:
                raise SegmentError(f"entry {entry.id}: expected an id of its own, found it again")
            else:
                entries[entry.id] = entry
    return list(entries.values())


def _sum(one: ManifestEntry, other: ManifestEntry) -> ManifestEntry:
    counts = ("passages", "windows", "names", "secrets")
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in counts})
