"""Questions that a passage answers, made by rule, for entries that give none of their own.

Rule: of every sentence one thing that it says is taken out (a date, a place, a name, a title, a number, what
somebody is) and asked for. The wording is clumsy where a verb would
have to change its form: an encoder does not mind. No model is called, every list is bounded. Questions that
ask about several sentences at once, or from the other end ("whose father ..."), are not made.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from index.runs import Run, capital_runs, quoted_titles
from index.sentences import sentences

# Makes the questions that a passage answers, by a model say. Called at the build only.
Asker = Callable[[str], Sequence[str]]

MOST_A_SENTENCE = 4
MOST_SENTENCES = 128
LEAST_WORDS = 4

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:(?:on|in|since|by|around|from)\s+)?(?:the\s+)?(?:(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS}),?\s+\d{{4}}|(?:{_MONTHS})\s+\d{{4}}|[12]\d{{3}})\b"
)
_NUMBER = re.compile(r"\b(?:\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")
_BEING = re.compile(r"\b(is|was|were|are)\s+((?:an?|the)\s+[^,.;:]+)")
_AUXILIARY = re.compile(r"\b(is|was|are|were|has|had|have|can|could|will|would|did|does)\b")
_PRONOUN = re.compile(r"^(?:(He|She|They)|(His|Her|Their))\b")
_PREPOSITION = r"(?:in|from|at|near|to|within|across|outside)"


def probes(passage: str, names: Sequence[str]) -> list[list[str]]:
    """By sentence. `names`: of whom the passage is about, the fullest first."""
    made = (list(_asked(passage[span.start : span.end], names)) for span in sentences(passage))
    return list(islice(filter(None, made), MOST_SENTENCES))


def _asked(sentence: str, names: Sequence[str]) -> Iterator[str]:
    said = _named(sentence.strip(" .!?\n"), names)
    if len(said.split()) >= LEAST_WORDS and not sentence.rstrip().endswith("?"):
        yield from islice(dict.fromkeys(_questions(said, names)), MOST_A_SENTENCE)


def _named(sentence: str, names: Sequence[str]) -> str:
    """Whom the sentence means by its first word."""
    if not names:
        return sentence
    return _PRONOUN.sub(lambda found: names[0] if found.group(1) else f"{names[0]}'s", sentence)


def _questions(said: str, names: Sequence[str]) -> Iterator[str]:
    if date := _DATE.search(said):
        yield _question("When", _without(said, date))
    for run in capital_runs(said):
        name = run.unopened()
        if name.words and not _is_of(name, names):
            yield _about(said, name)
    for title in quoted_titles(said):
        yield _question("Which work", said.replace(title, "it"))
    if being := _BEING.search(said):
        yield f"What {being.group(1)} {said[: being.start()].strip()}?"
    if not date and (number := _NUMBER.search(said)):
        yield _question("How many", _without(said, number))


def _about(said: str, name: Run) -> str:
    if name.placed:
        place = re.search(rf"\b{_PREPOSITION}\s+{re.escape(name.text)}(?:,\s*[A-Z]\w+)?", said)
        return _question("Where", _without(said, place) if place else said)
    return _question("Who or what", said.replace(name.text, "", 1))


def _is_of(name: Run, names: Sequence[str]) -> bool:
    return any(word in whole.split() for whole in names for word in name.words)


def _without(said: str, found: re.Match[str]) -> str:
    return said[: found.start()] + said[found.end() :]


def _question(asks: str, said: str) -> str:
    """The statement turned round where a word for it stands there: "was born" becomes "When was ... born"."""
    said = re.sub(r"\s+([,;:])", r"\1", " ".join(said.split())).strip(" ,;:")
    if turned := _AUXILIARY.search(said):
        return f"{asks} {turned.group()} {_without(said, turned).strip()}?".replace("  ", " ")
    return f"{asks} {said}?"
