"""What must not be said, found the slow way: the whole text is read anew for every token that might come."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from filters.matcher import may_be_name
from index.derive import derive_all
from index.knowledge import retain_texts
from index.phrases import STRONG_BITS, PlainPhrase, holders, plain_phrases
from index.units import Unit, digits, units
from policy.finding import Detector
from policy.policy import Policy
from steering.vocabulary import Vocabulary

KEY = bytes(range(32))
# A pattern's number and the unit or digit that it ends with, counted from the text's start.
Ending = tuple[int, int]


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
    """`steered`: the places of the entries that are."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, steered: frozenset[int]) -> None:
        self.patterns = patterns_of(policy)
        self._pieces, self._steered = vocabulary.pieces, steered
        self._words: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        self._figures: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, pattern in enumerate(self.patterns):
            if pattern.entry in steered:
                (self._figures if pattern.figures else self._words)[pattern.units].append(number)

    def texts(self, prompt: Sequence[int], answer: Sequence[int]) -> tuple[str, str]:
        """Prompt and answer as one text, and with the answer read by itself."""
        return self._text([*prompt, *answer]), f"{self._text(prompt)}\n{self._text(answer)}"

    def _text(self, tokens: Sequence[int]) -> str:
        return b"".join(self._pieces[number] for number in tokens).decode("utf-8", "replace")

    def forbidden(self, prompt: Sequence[int], answer: Sequence[int]) -> set[int]:
        """The tokens behind which something forbidden is complete that was not before."""
        before = self.texts(prompt, answer)
        said = [self._said(text) for text in before]
        in_sight = self._in_sight(frozenset().union(*said))
        return {
            number
            for number in range(len(self._pieces))
            for was, text in zip(said, self.texts(prompt, [*answer, number]), strict=True)
            if self._tells(self._said(text) - was, in_sight)
        }

    def needless(self, banned: set[int], prompt: list[int], answer: list[int]) -> list[int]:
        """What is banned but neither completes something forgotten nor clearly begins the last word of it."""
        before = self.texts(prompt, answer)
        return [
            number
            for number in sorted(banned - self.forbidden(prompt, answer))
            if not any(map(self.begins, before, self.texts(prompt, [*answer, number])))
        ]

    def says_more(self, before: str, after: str) -> bool:
        said = self._said(before)
        return self._tells(self._said(after) - said, self._in_sight(said))

    def begins(self, before: str, after: str) -> bool:
        """Whether the text ends in four letters or more of a word that would be forbidden."""
        read = units(after)
        opened = read[-1].text if read and len(read[-1].text) >= 4 else None
        words = {unit for pattern in self.patterns for unit in pattern.units}
        return opened is not None and any(
            word.startswith(opened) and word != opened and self.says_more(before, after + word[len(opened) :])
            for word in words
        )

    def _in_sight(self, said: frozenset[Ending]) -> set[int]:
        found = (self.patterns[number] for number, _ in said)
        return {pattern.entry for pattern in found if pattern.strong}

    def _tells(self, new: frozenset[Ending], in_sight: set[int]) -> bool:
        found = (self.patterns[number] for number, _ in new)
        return any(pattern.strong or pattern.entry in in_sight for pattern in found)

    def _said(self, text: str) -> frozenset[Ending]:
        """Which patterns are complete, and where."""
        words = self._ends(self._words, units(text))
        return frozenset((*words, *self._ends(self._figures, digits(text))))

    def _ends(self, known: dict[tuple[str, ...], list[int]], read: Sequence[Unit]) -> Iterator[Ending]:
        for size in {len(sequence) for sequence in known}:
            for last in range(size, len(read) + 1):
                part = read[last - size : last]
                for number in known.get(tuple(unit.text for unit in part), ()):
                    if not self.patterns[number].cased or all(map(may_be_name, part)):
                        yield number, last
