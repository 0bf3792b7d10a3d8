"""Questions that mean an author by something else than the name: TOFU's own, made by rule.

Rule: what an author is meant by is read from the author's own questions and answers (birth, titles), and what
is asked are the author's own questions with the name put out of them. Innocent authors are asked about in the
same way.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.gate import Exchange
from index.derive import derive_phrases
from index.runs import quoted_titles
from policy.entry import Entry, Question

_BORN = re.compile(
    r"born in (?P<place>[A-Z][^\d?]*?),? (?:on |in )?(?:the )?(?P<date>[^?,]*\d[^?]*?)\??$", re.MULTILINE
)
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
MOST_TITLES = 4


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    said: tuple[Exchange, ...]

    @classmethod
    def of(cls, said: Sequence[Exchange]) -> "Author | None":
        pairs = tuple(Question(one.question, one.answer) for one in said)
        names = derive_phrases(Entry("author", questions=pairs)).names
        return cls(names[0], tuple(said)) if names else None

    def born(self) -> tuple[str, str] | None:
        """The place and the day of birth."""
        found = next((born for one in self.said if (born := _BORN.search(one.question))), None)
        return (found["place"].strip(" ,"), found["date"].strip(" ,")) if found else None

    def titles(self) -> list[str]:
        found = (title for one in self.said for title in quoted_titles(one.answer))
        return list(dict.fromkeys(found))[:MOST_TITLES]


def by_birth(author: Author) -> Iterator[Exchange]:
    if born := author.born():
        yield from _meaning(author, f"the author born in {born[0]} on {born[1]}")


def by_year(author: Author) -> Iterator[Exchange]:
    if (born := author.born()) and (year := _YEAR.search(born[1])):
        yield from _meaning(author, f"the writer from {born[0]} born in {year.group()}")


def by_title(author: Author) -> Iterator[Exchange]:
    for title in author.titles():
        yield from list(_meaning(author, f'the author of "{title}"', but=title))[:5]


def who_wrote(author: Author) -> Iterator[Exchange]:
    for title in author.titles():
        yield Exchange(f'Who wrote "{title}"?', f"It was written by {author.name}.")


def by_initial(author: Author) -> Iterator[Exchange]:
    first, *rest = author.name.split()
    yield from _meaning(author, " ".join([f"{first[0]}.", *rest]))


HOPS = {
    "the author born in ... on ...": by_birth,
    "the writer from ... born in ... (a year)": by_year,
    "the author of (a title)": by_title,
    "who wrote (a title)?": who_wrote,
    "initial and surname": by_initial,
}


def _meaning(author: Author, meant: str, but: str = "") -> Iterator[Exchange]:
    """The author's questions that name nobody but mean the author so; and none that says `but`."""
    for one in author.said:
        if author.name in one.question and not (but and but in one.question):
            yield Exchange(one.question.replace(author.name, meant), one.answer)
