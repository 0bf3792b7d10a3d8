"""Divides the entries of a policy into batches that are compiled one by one.

Rule: the name of a batch commits, under the key, to all that its segment is compiled from.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from index.key import subkey
from index.manifest import fold_version
from index.segment.compiling import Stretch
from index.segment.segment import MAGIC
from index.segment.settings import Settings
from policy.entry import Entry, Retain
from policy.entry_json import entry_json

# So many passages at once: the arrays of as many fit the memory of a small machine many times.
PASSAGES_AT_ONCE = 2000
ENTRIES_AT_ONCE = 2000
# From so many passages of an entry names and secrets are derived.
MOST_READ = 5000


@dataclass(frozen=True, slots=True)
class Batch:
    stretches: Sequence[Stretch]

    @property
    def passages(self) -> int:
        return sum(len(stretch.passages) for stretch in self.stretches)


class Namer:
    """Names the batches of one build. `retain`: the texts that must keep working, with their sources."""

    def __init__(self, settings: Settings, retain: Mapping[str, str], key: bytes) -> None:
        self._key = subkey(key, "batches")
        said = [MAGIC.decode(), fold_version(), settings.model_dump(mode="json"), list(retain.items())]
        self._begun = blake2b(json.dumps(said).encode(), key=self._key, digest_size=16)
        # Entries often share a list of such texts.
        self._lists: dict[int, str] = {}

    def name(self, batch: Batch) -> str:
        state = self._begun.copy()
        for stretch in batch.stretches:
            # Of an entry that goes on, only who it is; of one that begins, all that is derived from.
            entry = stretch.entry if stretch.first == 0 else replace(stretch.entry, passages=())
            without = entry_json(replace(entry, retain=()))
            said = [stretch.first, without, self._list(entry.retain), list(stretch.passages)]
            state.update(json.dumps(said).encode() + b"\n")
        return state.hexdigest()

    def _list(self, retain: tuple[Retain, ...]) -> str:
        if id(retain) not in self._lists:
            said = json.dumps([(one.text, one.source) for one in retain])
            self._lists[id(retain)] = blake2b(said.encode(), key=self._key, digest_size=16).hexdigest()
        return self._lists[id(retain)]


def batches(entries: Sequence[Entry]) -> Iterator[Batch]:
    """At least one, in order."""
    stretches: list[Stretch] = []
    room = PASSAGES_AT_ONCE
    for stretch in _stretches(entries):
        if stretches and (len(stretch.passages) > room or len(stretches) >= ENTRIES_AT_ONCE):
            yield Batch(tuple(stretches))
            stretches, room = [], PASSAGES_AT_ONCE
        stretches.append(stretch)
        room -= len(stretch.passages)
    yield Batch(tuple(stretches))


def _stretches(entries: Sequence[Entry]) -> Iterator[Stretch]:
    """A long entry is cut, so that no batch has more passages than its share."""
    for entry in entries:
        opening = replace(entry, passages=tuple(entry.passages[:MOST_READ]))
        for first in range(0, max(1, len(entry.passages)), PASSAGES_AT_ONCE):
            some = tuple(entry.passages[first : first + PASSAGES_AT_ONCE])
            yield Stretch(opening, first, some)
