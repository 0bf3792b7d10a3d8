"""What must not be said, found the slow way: the whole text is read anew for every token that might come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from filters.matcher import may_be_name
from index.derive import derive_all
from index.knowledge import retain_texts
from index.phrases import STRONG_BITS, PlainPhrase, holders, plain_phrases
from index.units import Unit, digits, units
from policy.finding import Detector
from policy.policy import Policy
from steering.vocabulary import Vocabulary

KEY = bytes(range(32))


@dataclass(frozen=True)
class Pattern:
    """`strong`: forbidden wherever it stands; else only while its entry is in sight."""

    entry: int
    units: tuple[str, ...]
    figures: bool = False
    strong: bool = True
    cased: bool = False


def patterns_of(policy: Policy) -> list[Pattern]:
    found = list(_windows(policy))
    owned = [
        (place, phrase)
        for place, (entry, more) in enumerate(zip(policy.entries, derive_all(policy.entries), strict=True))
        for phrase in plain_phrases(entry, more)
    ]
    weak = holders([phrase for _, phrase in owned], retain_texts(policy.entries), KEY)
    for number, (place, phrase) in enumerate(owned):
        found += _phrase(place, phrase.weakened() if number in weak else phrase)
    return found


def _windows(policy: Policy) -> Iterator[Pattern]:
    size = policy.verbatim.window if policy.verbatim else 0
    innocent = [tuple(unit.text for unit in units(text)) for text in retain_texts(policy.entries)]
    for place, entry in enumerate(policy.entries):
        for text in entry.passages if size else ():
            words = tuple(unit.text for unit in units(text))
            window = min(size, len(words))
            for first in range(len(words) - window + 1):
                part = words[first : first + window]
                if not any(_stands_in(part, other) for other in innocent):
                    yield Pattern(place, part)


def _stands_in(part: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(words[first : first + len(part)] == part for first in range(len(words)))


def _phrase(place: int, phrase: PlainPhrase) -> Iterator[Pattern]:
    strong = phrase.detector is Detector.NAME or phrase.bits >= STRONG_BITS
    for sequence in phrase.sequences:
        yield Pattern(place, sequence, phrase.numeric, strong, phrase.cased)


class Oracle:
    def __init__(self, policy: Policy, vocabulary: Vocabulary) -> None:
        self.patterns = patterns_of(policy)
        self._pieces = vocabulary.pieces

    def text(self, tokens: Sequence[int]) -> str:
        return b"".join(self._pieces[number] for number in tokens).decode("utf-8", "replace")

    def forbidden(self, tokens: Sequence[int], number: int, steered: frozenset[int]) -> bool:
        """Whether something forbidden is complete behind one more token that was not before."""
        before, after = self.text(tokens), self.text([*tokens, number])
        return self.says_more(before, after, steered)

    def says_more(self, before: str, after: str, steered: frozenset[int]) -> bool:
        seen = self.in_sight(before, steered)
        new = self._said(after) - self._said(before)
        return any(
            pattern.entry in steered and (pattern.strong or pattern.entry in seen)
            for pattern in (self.patterns[number] for number, _ in new)
        )

    def in_sight(self, text: str, steered: frozenset[int]) -> set[int]:
        found = {self.patterns[number] for number, _ in self._said(text)}
        return {pattern.entry for pattern in found if pattern.strong and pattern.entry in steered}

    def _said(self, text: str) -> frozenset[tuple[int, int]]:
        return _said(tuple(self.patterns), text)


@lru_cache(maxsize=4096)
def _said(patterns: tuple[Pattern, ...], text: str) -> frozenset[tuple[int, int]]:
    """Which patterns are complete, and with which unit."""
    words, figures = units(text), digits(text)
    return frozenset(
        (number, last)
        for number, pattern in enumerate(patterns)
        for last in _ends(pattern, figures if pattern.figures else words)
    )


def _ends(pattern: Pattern, read: list[Unit]) -> Iterator[int]:
    size = len(pattern.units)
    for last in range(size, len(read) + 1):
        part = read[last - size : last]
        if tuple(unit.text for unit in part) == pattern.units and (
            not pattern.cased or all(map(may_be_name, part))
        ):
            yield last
