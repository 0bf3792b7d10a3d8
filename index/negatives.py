"""Retain texts made ready for margins and calibration: without conflicts, grouped by whom they are about.

A threshold is only honest when a negative is judged without its siblings: texts about one person are near
each other, and an unseen person has no siblings in the index. So texts that share a source or a subject are
one group.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.knowledge import retain_texts
from index.plain_words import plain_words
from index.subjects import text_subjects
from policy.entry import Entry

# A source with a larger share of all texts is a collection, not an author: it is split by subject.
LARGEST_SHARE = 0.1
LONGEST_NAME = 12

Said = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class RetainText:
    text: str
    group: int


def innocent_texts(entries: Sequence[Entry], names: Sequence[Sequence[str]]) -> list[RetainText]:
    """The retain texts of all entries that no entry forgets, each once, in groups."""
    forgotten = {plain_words(pair.question) for entry in entries for pair in entry.questions}
    subjects = {plain_words(name) for group in names for name in group}
    kept = {
        text: source
        for text, source in retain_texts(entries).items()
        if text.strip() and not is_forgotten(plain_words(text), forgotten, subjects)
    }
    groups = _groups(list(kept), list(kept.values()))
    return [RetainText(text, group) for text, group in zip(kept, groups, strict=True)]


def is_forgotten(words: Said, questions: Collection[Said], subjects: Collection[Said]) -> bool:
    """What one entry wants kept may be what another forgets: forgetting wins. Words may be hashes."""
    return words in questions or any(
        words[first : first + size] in subjects
        for first in range(len(words))
        for size in range(1, min(LONGEST_NAME, len(words) - first) + 1)
    )


def _groups(texts: Sequence[str], sources: Sequence[str]) -> list[int]:
    """Joined where they share a source that is no collection, and where they share a subject."""
    sizes = Counter(sources)
    joined = _Joined(len(texts))
    seen: dict[object, int] = {}
    for place, (source, subject) in enumerate(zip(sources, text_subjects(texts), strict=True)):
        marks: list[object] = [subject] if subject else []
        if 1 < sizes[source] <= LARGEST_SHARE * len(texts):
            marks.append(source)
        for mark in marks:
            joined.join(place, seen.setdefault(mark, place))
    return [joined.first(place) for place in range(len(texts))]


class _Joined:
    """Union-find over the places of texts."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def first(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def join(self, one: int, other: int) -> None:
        self._parent[self.first(one)] = self.first(other)
