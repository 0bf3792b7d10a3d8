"""Names and answer strings that an entry's questions and answers give away, by rules of writing alone.

A text that must keep working (retain) vetoes the names and secrets it contains. Hints act beside their
subject only, so one neighbour of the same trade vetoes nothing: what many such texts say is how people
write. Every list is bounded.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.answer_strings import hint_strings, secret_strings
from index.plain_words import Words, plain_words
from index.subjects import subject_names
from policy.entry import Entry

MOST_NAMES = 64
MOST_PHRASES = 4096
LONGEST_PHRASE = 12
# A hint that so many of the retain texts contain, and at least so many, is a word of the form ("birthplace").
USUAL_SHARE = 0.05
USUAL_LEAST = 3


@dataclass(frozen=True, slots=True)
class Derived:
    """`secrets` count like an operator's own; `hints` only while their entry is active, however rare."""

    names: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class Lexicon:
    """Every run of up to LONGEST_PHRASE words of some texts: what must keep working."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = 0
        self._runs: Counter[Words] = Counter()
        for text in texts:
            words = plain_words(text)
            sizes = range(1, LONGEST_PHRASE + 1)
            self._runs.update({words[first : first + size] for first in range(len(words)) for size in sizes})
            self._texts += 1

    def __contains__(self, phrase: str) -> bool:
        return plain_words(phrase) in self._runs

    def is_usual(self, phrase: str) -> bool:
        """Whether many of the texts contain it."""
        return self._runs[plain_words(phrase)] >= max(USUAL_LEAST, USUAL_SHARE * self._texts)


def derive_phrases(entry: Entry, common: Lexicon | None = None) -> Derived:
    """`common` saves the work of reading the entry's retain texts again when entries share them."""
    common = common or Lexicon(retain.text for retain in entry.retain)
    names = () if entry.names else _bounded(subject_names(entry, common.__contains__), MOST_NAMES)
    own = {plain_words(name) for name in (*entry.names, *names, *entry.secrets)}
    secrets = _bounded(_new(secret_strings(entry), own, common.__contains__), MOST_PHRASES)
    own |= {plain_words(secret) for secret in secrets}
    # A part of the name is no news beside the name.
    own |= {part for name in (*entry.names, *names) for part in _parts(plain_words(name))}
    return Derived(names, secrets, _bounded(_new(hint_strings(entry), own, common.is_usual), MOST_PHRASES))


def derive_all(entries: Sequence[Entry]) -> tuple[Derived, ...]:
    lexicons: dict[tuple[object, ...], Lexicon] = {}
    derived = []
    for entry in entries:
        if entry.retain not in lexicons:
            lexicons[entry.retain] = Lexicon(retain.text for retain in entry.retain)
        derived.append(derive_phrases(entry, lexicons[entry.retain]))
    return tuple(derived)


def _parts(words: Words) -> Iterator[Words]:
    return (words[first:last] for first in range(len(words)) for last in range(first + 1, len(words) + 1))


def _new(phrases: Iterable[str], own: set[Words], vetoed: Callable[[str], bool]) -> Iterator[str]:
    return (phrase for phrase in phrases if plain_words(phrase) not in own and not vetoed(phrase))


def _bounded(phrases: Iterable[str], most: int) -> tuple[str, ...]:
    """Without repeats (as they compare), in order of appearance."""
    kept: dict[Words, str] = {}
    for phrase in phrases:
        words = plain_words(phrase)
        if 0 < len(words) <= LONGEST_PHRASE and len(kept) < most:
            kept.setdefault(words, phrase)
    return tuple(kept.values())
