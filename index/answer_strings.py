"""Strings that an answer says and its question does not: titles, dates, numbers, places, rare words."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from index.bits import word_bits
from index.dates import date_wordings
from index.plain_words import contains, plain_words
from index.runs import capital_runs, quoted_titles
from policy.entry import Entry, Question, Reason

# An answer whose rarest word is below this ("yes", "it is") identifies nothing.
ANSWER_BITS = 12.0
WORD_BITS = 14.0
SHORT_ANSWER_WORDS = 6
SHORT_SENTENCE_WORDS = 15
MOST_HINTS_A_QUESTION = 24

_CODE = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\(?\d(?:[\s().-]{0,2}\d){6,}|\b(?=\w*\d)(?=\w*[A-Za-z])\w{6,}\b"
)
_NUMBER = re.compile(r"(?<![\w/.-])\d[\d,.]*\d(?![\w/-])")
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*(?!\w)")


def secret_strings(entry: Entry) -> Iterator[str]:
    """What nobody else shares, so that it may act without its subject: telephone numbers, addresses, codes.

    Titles are not among them, however long: two works of one title are common.
    """
    for pair in entry.questions:
        yield from _codes(pair.question)
        yield from _codes(pair.answer)
    if entry.reason is Reason.PRIVACY:
        for passage in entry.passages:
            yield from _codes(passage)


def hint_strings(entry: Entry) -> Iterator[str]:
    """What is telling only beside its subject."""
    usual = {word for pair in entry.questions for word in plain_words(pair.question)}
    for pair in entry.questions:
        asked = plain_words(pair.question)
        fresh = (hint for hint in _hints(pair, usual) if not contains(asked, plain_words(hint)))
        for _, hint in zip(range(MOST_HINTS_A_QUESTION), fresh, strict=False):
            yield hint
        yield from date_wordings(pair.question)


def _hints(pair: Question, usual: AbstractSet[str]) -> Iterator[str]:
    answer = pair.answer
    if _is_short(answer) and _rarest(answer) >= ANSWER_BITS:
        yield answer.strip(" .!")
    yield from date_wordings(answer)
    yield from quoted_titles(answer)
    yield from (match.group() for match in _NUMBER.finditer(answer) if len(plain_digits(match.group())) >= 3)
    yield from _capitals(answer)
    if len(plain_words(answer)) <= SHORT_SENTENCE_WORDS:
        yield from _fresh_runs(answer, usual)


def plain_digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _codes(text: str) -> Iterator[str]:
    return (match.group() for match in _CODE.finditer(text) if not list(date_wordings(match.group())))


def _is_short(answer: str) -> bool:
    return 0 < len(plain_words(answer)) <= SHORT_ANSWER_WORDS


def _rarest(text: str) -> float:
    return max(map(word_bits, plain_words(text)), default=0.0)


def _capitals(answer: str) -> Iterator[str]:
    for run in capital_runs(answer):
        if not run.opens or len(run.words) > 1:
            kept = run.unopened()
            if kept.words and _rarest(kept.text) >= ANSWER_BITS:
                yield kept.text


def _fresh_runs(answer: str, usual: AbstractSet[str]) -> Iterator[str]:
    """In a short answer what matters may be common nouns: "Her father was a cobbler", "nature poetry".

    Words in a row that tell something and that no question of the entry says.
    """
    words = _WORD.findall(answer)
    for fresh, run in groupby(words, lambda word: _tells(word) and not usual >= set(plain_words(word))):
        text = " ".join(run)
        if fresh and sum(map(word_bits, plain_words(text))) >= WORD_BITS:
            yield text


def _tells(word: str) -> bool:
    return word_bits(word.casefold()) >= ANSWER_BITS
