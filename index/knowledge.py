"""The texts of an entry that an encoder reads, and to which piece of knowledge each belongs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from index.plain_words import plain_words
from index.sentences import windows
from policy.entry import Entry

# A shorter answer says nothing without its question ("Yes, in 1998").
LEAST_ANSWER_WORDS = 6


@dataclass(frozen=True, slots=True)
class Known:
    """One text. `item` numbers the entry's pieces of knowledge: two texts of one piece support it once."""

    item: int
    text: str


def known_texts(entry: Entry, probed: Iterable[Sequence[str]] = ()) -> list[Known]:
    """Questions, questions with answers, answers, the concept, sentence windows of passages; no repeats.

    `probed`: questions made of what the passages say, in groups that ask about one thing.
    """
    found: dict[str, int] = {}
    for item, texts in enumerate(chain(_pieces(entry), probed)):
        for text in texts:
            found.setdefault(text, item)
    return [Known(item, text) for text, item in found.items() if text.strip()]


def _pieces(entry: Entry) -> Iterator[Sequence[str]]:
    for pair in entry.questions:
        yield [pair.question, f"{pair.question} {pair.answer}", *_answer(pair.answer)]
    if entry.concept:
        yield windows(entry.concept.description)
        yield from ([example] for example in entry.concept.examples)
    for passage in entry.passages:
        yield from ([window] for window in windows(passage))


def _answer(answer: str) -> list[str]:
    return [answer] if len(plain_words(answer)) >= LEAST_ANSWER_WORDS else []


def retain_texts(entries: Sequence[Entry]) -> dict[str, str]:
    """Every retain text once, with its source. Entries often share a list."""
    found: dict[str, str] = {}
    seen: set[int] = set()
    for entry in entries:
        if id(entry.retain) not in seen:
            seen.add(id(entry.retain))
            for retain in entry.retain:
                found.setdefault(retain.text, retain.source)
    return found
