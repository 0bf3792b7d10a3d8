"""Whom an entry is about, when it does not say: the capitalised runs that its questions return to.

Each question has at most one subject: of its capitalised runs that the language hardly knows, the one that
most questions of the entry share. So an entry that mixes ten people yields ten names. A run that mostly
follows a preposition of place is a place; a run in quotes is a title.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.bits import bits, word_bits
from index.plain_words import Words, contains, plain_words
from index.runs import Run, capital_runs
from index.sentences import sentences
from policy.entry import Entry, Reason

# As rare as a random nine-digit number: a subject's name must be this surprising to act on its own.
NAME_BITS = 30.0
# A single word counts only when the language does not know it at all.
ONE_WORD_BITS = 26.0
# With this many questions behind it a run needs no further sign that it is the subject.
ENOUGH_SUPPORT = 3
# Set phrases ("New York City", "Real Estate Agent") are made of common words only; a name seldom is.
RAREST_WORD_BITS = 15.0
_ASKS_WHO = re.compile(r"\b(?:who|whose|whom|(?:full|complete|real|birth) name)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Item:
    """A question with its answer, or one sentence of a passage: the candidate runs in each."""

    question: dict[Words, Run]
    answer: dict[Words, Run]
    asks_who: bool

    @property
    def runs(self) -> dict[Words, Run]:
        return self.answer | self.question


def subject_names(entry: Entry, is_common: Callable[[str], bool]) -> list[str]:
    """The subjects, most supported first."""
    items = [*_question_items(entry), *_passage_items(entry)]
    support = Counter(words for item in items for words in item.runs)
    usable = {words: text for words, text in _usable(items).items() if not is_common(text)}
    chosen: dict[Words, str] = {}
    for item in items:
        best = _subject(item, support, usable)
        if best and (support[best] >= ENOUGH_SUPPORT or _is_asked(best, item)):
            chosen.setdefault(best, usable[best])
    kept = [words for words in chosen if not _is_short_form(words, chosen, support)]
    return [chosen[words] for words in sorted(kept, key=lambda words: -support[words])]


def text_subjects(texts: Sequence[str]) -> list[Words | None]:
    """For each text whom it is about, where that is said."""
    items = [_Item({}, _candidates(text), asks_who=False) for text in texts]
    support = Counter(words for item in items for words in item.runs)
    usable = _usable(items)
    return [_subject(item, support, usable) for item in items]


def _usable(items: list[_Item]) -> dict[Words, str]:
    places = _places(items)
    return {
        words: run.text
        for item in items
        for words, run in item.runs.items()
        if words not in places and _is_rare(words, run)
    }


def _question_items(entry: Entry) -> Iterator[_Item]:
    for pair in entry.questions:
        asks_who = _ASKS_WHO.search(pair.question) is not None
        yield _Item(_candidates(pair.question), _candidates(pair.answer), asks_who)


def _passage_items(entry: Entry) -> Iterator[_Item]:
    """Passages name a person who is to be forgotten; in a work under copyright they name its characters."""
    if entry.reason is not Reason.PRIVACY:
        return
    for passage in entry.passages:
        for place, span in enumerate(sentences(passage)):
            # A life's first sentence names whose life it is.
            yield _Item({}, _candidates(passage[span.start : span.end]), asks_who=place == 0)


def _candidates(text: str) -> dict[Words, Run]:
    """Every part of every capitalised run that begins and ends with a capital."""
    found: dict[Words, Run] = {}
    for run in capital_runs(text):
        for part in _parts(run.unopened()):
            found.setdefault(plain_words(part.text), part)
    return found


def _parts(run: Run) -> Iterator[Run]:
    for first in range(len(run.words)):
        for last in range(first, len(run.words)):
            if run.words[first][0].isupper() and run.words[last][0].isupper():
                yield Run(run.words[first : last + 1], placed=run.placed and first == 0)


def _places(items: list[_Item]) -> set[Words]:
    seen: defaultdict[Words, list[bool]] = defaultdict(list)
    for item in items:
        for runs in (item.question, item.answer):
            for words, run in runs.items():
                seen[words].append(run.placed)
    return {words for words, placed in seen.items() if 2 * sum(placed) > len(placed)}


def _is_rare(words: Words, run: Run) -> bool:
    if run.capitals < 2 and len(words) < 2:
        return bits(run.text) >= ONE_WORD_BITS
    return bits(run.text) >= NAME_BITS and max(word_bits(word) for word in words) >= RAREST_WORD_BITS


def _subject(item: _Item, support: Counter[Words], usable: dict[Words, str]) -> Words | None:
    """The best supported run, as long as it keeps half of that support (full name rather than first name)."""
    runs = [words for words in item.runs if words in usable]
    if not runs:
        return None
    most = max(support[words] for words in runs)
    close = [words for words in runs if 2 * support[words] >= most and (len(words) > 1 or len(runs) == 1)]
    return max(
        close or runs,
        key=lambda words: (
            words in item.question,
            support[words] if len(words) == 1 else 0,
            len(words),
            support[words],
        ),
    )


def _is_short_form(words: Words, chosen: dict[Words, str], support: Counter[Words]) -> bool:
    """A part of a longer name that is hardly ever used without the rest would fire on namesakes."""
    return any(
        len(longer) > len(words) and contains(longer, words) and support[words] < 2 * support[longer]
        for longer in chosen
    )


def _is_asked(words: Words, item: _Item) -> bool:
    if len(words) == 1:
        return False
    return words in item.question or (item.asks_who and words in item.answer)
