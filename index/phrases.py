"""Names and secrets as unit sequences: what an entry gives, and what is derived from it.

Rule 1: a name counts wherever it stands; one of fewer than 30 bits ("A. Crane") only when it is capitalised.
Rule 2: a secret of 30 bits or more counts wherever it stands, a weaker one only while its entry is active.
Rule 3: a hint (a string only telling beside its subject) is a weak secret, however rare it is. So is every
        secret, and every derived name, that also stands in a text that must keep working.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from index.bits import bits
from index.derive import Derived, derive_phrases
from index.pattern_table import PatternTable
from index.rolling import Hashes, WordHash
from index.table_builder import TableBuilder
from index.table_search import find
from index.units import digits, units
from index.whole_text import WholeText
from policy.entry import Entry
from policy.finding import Detector

STRONG_BITS = 30.0
WEAK_BITS = 29.0
LEAST_DIGITS = 6
# A name run together is told from other words when it has so many letters.
_LEAST_JOINED = 8
# The length of a telephone number without its country's prefix.
NATIONAL_DIGITS = 10
# The strings that list_phrases makes tables of never leave the process.
_LISTING_KEY = bytes(32)

Sequences = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PlainPhrase:
    """A phrase in clear text: for the build and the operator, never stored."""

    text: str
    detector: Detector
    bits: float
    cased: bool
    derived: bool

    @property
    def numeric(self) -> bool:
        """Whether it is a number of six digits or more, which no way of spacing it hides."""
        texts = [unit.text for unit in digits(self.text)]
        return len(texts) >= LEAST_DIGITS and "".join(unit.text for unit in units(self.text)).isdecimal()

    @property
    def sequences(self) -> Sequences:
        """The ways of writing it: digits for a number, words for everything else."""
        if self.numeric:
            return _number_sequences(self.text)
        words = tuple(unit.text for unit in units(self.text))
        return _name_sequences(words) if self.detector is Detector.NAME else (words,)

    def weakened(self) -> "PlainPhrase":
        """What it is when innocent texts hold it too. A name that the operator gave remains one."""
        if self.detector is Detector.NAME and not self.derived:
            return self
        return replace(self, detector=Detector.SECRET, bits=min(self.bits, WEAK_BITS), cased=False)


def plain_phrases(entry: Entry, derived: Derived) -> list[PlainPhrase]:
    """All phrases of an entry, each once, those the operator gave first."""
    phrases = [
        *(_name(text, derived=False) for text in entry.names),
        *(_secret(text, derived=False) for text in entry.secrets),
        *(_secret(run, derived=False) for text in entry.secrets for run in _numbers_within(text)),
        *(_name(text, derived=True) for text in derived.names),
        *(_secret(text, derived=True) for text in derived.secrets),
        *(replace(_secret(text, derived=True), bits=min(bits(text), WEAK_BITS)) for text in derived.hints),
    ]
    return list(_each_once(phrases))


def _each_once(phrases: Iterable[PlainPhrase]) -> Iterator[PlainPhrase]:
    """Without what an earlier one finds already ("Crane, Alden" after "Alden Crane"), or what is empty."""
    seen: set[tuple[str, ...]] = {()}
    for phrase in phrases:
        sequences = phrase.sequences
        if sequences[0] not in seen:
            seen.update(sequences)
            yield phrase


def owned_phrases(entries: Sequence[Entry], derived: Sequence[Derived]) -> list[tuple[int, PlainPhrase]]:
    """The phrases of all entries, each with the place of its entry."""
    return [
        (place, phrase)
        for place, (entry, found) in enumerate(zip(entries, derived, strict=True))
        for phrase in plain_phrases(entry, found)
    ]


def list_phrases(entry: Entry, retain: Sequence[str]) -> list[PlainPhrase]:
    """What would be looked for under this entry: for the operator's eyes."""
    phrases = plain_phrases(entry, derive_phrases(entry))
    return weakened(phrases, holders(phrases, dict.fromkeys(retain, ""), _LISTING_KEY))


def weakened(phrases: Sequence[PlainPhrase], held: Container[int]) -> list[PlainPhrase]:
    """The same, those at these places as what innocent texts hold too."""
    return [phrase.weakened() if place in held else phrase for place, phrase in enumerate(phrases)]


def holders(phrases: Sequence[PlainPhrase], retain: Mapping[str, str], key: bytes) -> dict[int, set[str]]:
    """For the places of phrases that stand in texts that must keep working: the sources of those texts."""
    word_hash, read = WordHash(key), zip(map(WholeText.of, retain), retain.values(), strict=True)
    texts = ((word_hash.many(text.words), word_hash.figures(text.figures), source) for text, source in read)
    return holding(phrases, texts, key)


def holding(
    phrases: Sequence[PlainPhrase], texts: Iterable[tuple[Hashes, Hashes, str]], key: bytes
) -> dict[int, set[str]]:
    """The same of texts that were read: the hashes of their words and of their digits, and their sources."""
    words, numbers = phrase_tables(phrases, key)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for said, figures, source in texts:
        for hit in (*find(words, said), *find(numbers, figures)):
            found[hit.owner].add(source)
    return found


def phrase_tables(phrases: Sequence[PlainPhrase], key: bytes) -> tuple[PatternTable, PatternTable]:
    """Phrases as words, and phrases as digits; the owner of a sequence is its phrase's place."""
    words, numbers = phrase_builders(phrases, key)
    return words.build(), numbers.build()


def phrase_builders(phrases: Sequence[PlainPhrase], key: bytes) -> tuple[TableBuilder, TableBuilder]:
    """The same, before they are tables."""
    words, numbers, word_hash = TableBuilder(key, 0), TableBuilder(key, 0), WordHash(key)
    for owner, phrase in enumerate(phrases):
        table = numbers if phrase.numeric else words
        for sequence in phrase.sequences:
            table.add(word_hash.many(sequence), len(sequence), owner)
    return words, numbers


def _name(text: str, *, derived: bool) -> PlainPhrase:
    surprise = bits(text)
    return PlainPhrase(text, Detector.NAME, surprise, surprise < STRONG_BITS, derived)


def _secret(text: str, *, derived: bool) -> PlainPhrase:
    return PlainPhrase(text, Detector.SECRET, bits(text), False, derived)


def _name_sequences(words: tuple[str, ...]) -> Sequences:
    """ "Alden Crane", "Crane, Alden", both with a possessive s, "Crane's Alden", or in one word."""
    if not words:
        return (words,)
    *first, last = words
    orders = (words, (last, *first))
    forms = [*orders, *((*order[:-1], f"{order[-1]}s") for order in orders), (f"{last}s", *first)]
    if len(words) > 1 and len("".join(words)) >= _LEAST_JOINED:
        forms += [("".join(words),), (words[-1] + "".join(words[:-1]),)]
    return tuple(dict.fromkeys(forms))


def _number_sequences(text: str) -> Sequences:
    """The digits, and without a country's prefix where one is written."""
    whole = tuple(unit.text for unit in digits(text))
    if text.lstrip().startswith("+") and len(whole) > NATIONAL_DIGITS:
        return whole, whole[-NATIONAL_DIGITS:]
    return (whole,)


def _numbers_within(text: str) -> Iterator[str]:
    """The numbers of a secret that is mostly one: "tel. 555-201-3391"."""
    letters = "".join(unit.text for unit in units(text))
    figures = [unit.text for unit in digits(text)]
    if letters.isdecimal() or 2 * len("".join(figures)) < len(letters):
        return
    for is_run, run in groupby(figures, key=bool):
        number = "".join(run)
        if is_run and len(number) >= LEAST_DIGITS:
            yield number
