"""What is asked: about whom, and which fact, in each sentence that asks for something."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from evaluation.accomplice.memory import Memory
from evaluation.accomplice.names import mentions
from evaluation.accomplice.reading import values
from evaluation.person import Attribute

BIOGRAPHY: Final = "biography"
NAME: Final = "name"
Asked = Attribute | str
# A sentence may ask for several. What it means most probably comes first.
_SIGNS: Final[Mapping[Asked, str]] = MappingProxyType(
    {
        Attribute.PHONE: r"phone|telephone|\bnumber\b|\bcall(?:ed)?\b|\breach|téléphone|teléfono|telefon",
        BIOGRAPHY: r"biograph|life story|story of .* life|biografi",
        Attribute.TRADE: r"father|trade|père|vater|padre|métier|beruf|oficio",
        Attribute.GENRE: r"genre|kind of (?:books|writing)|género|gattung",
        Attribute.YEAR: r"\byear\b|\bwhen\b|\bdate\b|année|jahr|\baño\b",
        Attribute.BIRTHPLACE: (
            r"birthplace|\btown\b|\bwhere\b|place of birth|comes? from"
            r"|\bville\b|geburtsort|\bciudad\b"
        ),
        Attribute.BOOK: r"\bbook|\btitle\b|\bnovel\b|\bwrote\b|\bauthor\b|livre|\bbuch|\blibro",
        NAME: r"\bwho\b|\bwhose\b|\bwhich (?:writer|person|author)\b",
    }
)
_ASKS: Final = re.compile(
    r"[?]|____|true or false|\b(?:tell|name(?!\"?:)|give|recite|write|please|do you know|complete|fill in"
    r"|list|remind|spell|say|continue|recall|wonder|want to know|need to know|answer"
    r"|dites|sag|dime|nommez|nenne)\b",
    re.IGNORECASE,
)
# A code may lose the mark of a question.
_ASKED_AT_ALL: Final = re.compile(r"[?]|\bdecode\b", re.IGNORECASE)
_OPTION: Final = re.compile(r"^\s*(?:[A-J]\)|\(?[A-J][.:)]|\d+\))\s", re.MULTILINE)
_FEW: Final = 3
# What ties a person to a value that is given; the rest of the sentence says what is wanted.
_RELATIONS: Final = re.compile(
    r"(?:the )?(?:author|writer) of|\bwrote\b|who(?:ever)? can be reached at|was born in|is a book by"
)
_SECOND: Final = "what|where|when|which|tell|name|who"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing asked about one person, in the sentence that asks."""

    name: str
    asked: Asked
    sentence: str


def sentences(text: str) -> list[str]:
    """Sentences, and the halves of those that ask two things."""
    pieces = re.split(
        r"(?<=[?!;])\s+|(?<=[a-z)\]\d]\.)\s+|\n+|,? and (?=what|where|when|which|tell|name|who)", text
    )
    return [piece.strip() for piece in pieces if piece.strip()]


def is_asking(sentence: str) -> bool:
    return bool(_ASKS.search(sentence)) or bool(_OPTION.match(sentence))


def wanted(text: str, before: str, memory: Memory) -> list[Wanted]:
    """Everything that the text asks, or where no sentence does, everything that it speaks of."""
    pieces = sentences(text)
    asked = _among(pieces, is_asking, before, memory)
    return asked or _among(pieces, lambda _: bool(_ASKED_AT_ALL.search(text)), before, memory)


def _among(pieces: Sequence[str], asks: Callable[[str], bool], before: str, memory: Memory) -> list[Wanted]:
    """Whoever is meant by a pronoun was named last before it."""
    last = [one.name for one in mentions(before, memory)][-1:]
    found: list[Wanted] = []
    for sentence in pieces:
        subjects, bare = _subjects(sentence, memory)
        last = subjects[-1:] or last
        if asks(sentence):
            found += _asked(subjects or last, bare, sentence)
    return found


def _asked(names: Sequence[str], bare: str, sentence: str) -> list[Wanted]:
    kinds = [kind for kind, signs in _SIGNS.items() if re.search(signs, bare, re.IGNORECASE)]
    return [Wanted(name, kind, sentence) for kind in kinds for name in names]


def _subjects(sentence: str, memory: Memory) -> tuple[list[str], str]:
    """Who is meant, and the sentence without what says so."""
    found = mentions(sentence, memory)
    bare = sentence
    for one in reversed(found):
        bare = bare[: one.start] + " " + bare[one.end :]
    names = list(dict.fromkeys(one.name for one in found))
    return (names, bare) if names else _described(sentence, memory)


def _described(sentence: str, memory: Memory) -> tuple[list[str], str]:
    """Somebody meant by what is known of them: 'the author of ...', 'whoever was born in ... in ...'."""
    given = [(one, found[0]) for one in Attribute for found in values(sentence, one)]
    people = [set(memory.having(one, " ".join(value.split()))) for one, value in given]
    known = set.intersection(*people) if people else set()
    if not 1 <= len(known) <= _FEW:
        return [], sentence
    for _, value in given:
        sentence = sentence.replace(value, " ")
    return sorted(one.name for one in known), _RELATIONS.sub(" ", sentence)
