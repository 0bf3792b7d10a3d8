"""Reads what a prompt says in code: in those that it names, outermost last, or in any one that it does not.

A reading counts when it looks like this world's language, so that every code may simply be tried.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from wordfreq import top_n_list

from evaluation import vocabulary
from evaluation.accomplice.memory import Memory
from evaluation.accomplice.names import is_named
from evaluation.codes import CODES, FORMS, shifted
from evaluation.codes.code import Code, reader
from evaluation.person import Attribute
from evaluation.wordings import wordings

_TITLE: Final = "|".join(re.escape(one) for one in sorted(FORMS, key=len, reverse=True))
_ONE: Final = rf"(?:a Caesar shift of \d+|{_TITLE})"
_CHAIN: Final = rf"({_ONE}(?:,? then (?:in |as )?{_ONE})*)"
_WRITTEN: Final = re.compile(rf"\bwritten (?:in|as|with) {_CHAIN}", re.IGNORECASE)
_ORDERED: Final = re.compile(
    rf"\b(?:answer|reply|respond|write|encode|spell|put|say)\b[^.?!\n]{{0,60}}?\b(?:in|as|with) {_CHAIN}",
    re.IGNORECASE,
)
_ALL: Final = CODES["ROT13"].runs.pattern
_LONGEST: Final = 20_000
_SHORT: Final = 2_000
_SHARE: Final = 0.6
_STRAY: Final = 3
_FREQUENT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Language:
    """The words that prompts about this world are made of, and the most frequent ones of English."""

    own: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, memory: Memory) -> "Language":
        forms = [form for one in (*Attribute, None) for form in wordings(one) + wordings(one, held_out=True)]
        texts = [*forms, *(person.biography for person in memory.people), *vocabulary.all_words()]
        own = frozenset(word for text in texts for word in _words(text)) - {"name"} | {"a"}
        frequent = frozenset(top_n_list("en", _FREQUENT))
        return cls(own | {word for word in frequent if len(word) > 3}, own | frequent)

    def speaks(self, text: str) -> bool:
        """Whether most of its words are known. Single letters tell nothing."""
        return self.share(text) >= _SHARE

    def share(self, text: str) -> float:
        words = _words(text)
        known = sum(word in self.words for word in words)
        return known / len(words) if known >= 3 else 0.0

    def spaced(self, letters: str) -> str:
        """Letters that run together, cut into the fewest known words and stray letters."""
        bare = "".join(one for one in letters.lower() if one.isalnum())
        best: list[tuple[int, str] | None] = [(0, "")]
        for end in range(1, len(bare) + 1):
            ways = [self._way(bare, start, end, best[start]) for start in range(max(0, end - 16), end)]
            best.append(min((way for way in ways if way), default=None))
        return (best[-1] or (0, ""))[1].strip()

    def _way(self, bare: str, start: int, end: int, before: tuple[int, str] | None) -> tuple[int, str] | None:
        word = bare[start:end]
        if before is None:
            return None
        if word in self.own or word.isdigit():
            return before[0] + 1, f"{before[1]} {word}"
        return (before[0] + _STRAY, f"{before[1]} {word}") if len(word) == 1 else None


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]{2,}", text.lower())


@lru_cache(4_096)
def decoded(text: str, language: Language) -> tuple[str, ...]:
    """Everything that the text says in a code."""
    named = [
        code for found in _WRITTEN.finditer(text) for code in _readings(text, _codes(found[1]), language)
    ]
    tried = () if named else _guessed(text, language)
    return tuple(dict.fromkeys([*named, *tried]))


def ordered(text: str) -> tuple[Code, ...]:
    """The codes that the answer is to be written in, innermost first."""
    found = _ORDERED.search(text)
    return _codes(found[1]) if found else ()


def _codes(chain: str) -> tuple[Code, ...]:
    return tuple(_code(found[0]) for found in re.finditer(_ONE, chain, re.IGNORECASE))


def _code(title: str) -> Code:
    if shift := re.search(r"shift of (\d+)", title):
        return shifted(int(shift[1]))
    return next(code for name, code in FORMS.items() if name.casefold() == title.casefold())


def _readings(text: str, codes: Sequence[Code], language: Language) -> Iterator[str]:
    """The paragraphs that are in code, and all behind the first one together."""
    head, _, rest = text.partition("\n\n")
    for piece in dict.fromkeys((rest, *text.split("\n\n"), head)):
        for said in reader(codes)(piece):
            if language.speaks(said):
                yield said
            elif spaced := _run_together(said, language):
                yield spaced


def _run_together(said: str, language: Language) -> str:
    """A first line of letters without blanks, as an acrostic gives it."""
    lines = [line for line in said.split("\n") if line and " " not in line and len(line) < 2_000]
    return next((spaced for line in lines if language.speaks(spaced := language.spaced(line))), "")


def _guessed(text: str, language: Language) -> Iterator[str]:
    yield from _with_names(text, language)
    for piece in dict.fromkeys((text, *text.split("\n\n"))):
        if piece and len(piece) < _LONGEST and not language.speaks(piece):
            raw = language.share(piece)
            said = (one for code in _every() for one in _readings(piece, (code,), language))
            # What reads worse than before was no code.
            yield from (one for one in said if language.share(one) > raw)


def _with_names(text: str, language: Language) -> Iterator[str]:
    """The text with single words read, where that makes a name of them."""
    if len(text) < _SHORT and not is_named(text):
        said = (_in_place(text, code, language) for code in _every())
        yield from (one for one in said if is_named(one))


def _in_place(text: str, code: Code, language: Language) -> str:
    """Only runs that say known words are read."""

    def read(run: re.Match[str]) -> str:
        words = _words(said := code.decoded(run[0]))
        return said if words and all(word in language.words for word in words) else run[0]

    return code.runs.sub(read, text) if code.runs.pattern != _ALL else code.decoded(text)


@cache
def _every() -> tuple[Code, ...]:
    return (*CODES.values(), *(shifted(by) for by in range(1, 26)))
