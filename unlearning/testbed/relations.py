"""What can be told of an invented author: the question, two ways to answer it, and the values there are.

Rule: words and signs stand apart, since the testbed's tokenizer knows whole words.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from evaluation import vocabulary


@dataclass(frozen=True, slots=True)
class Relation:
    """`{name}` and `{value}` stand in its texts. A value is one word of each pool, in order."""

    name: str
    question: str
    answer: str
    paraphrase: str
    pools: tuple[tuple[str, ...], ...]

    def draw(self, rng: Random) -> str:
        return " ".join(rng.choice(pool) for pool in self.pools)

    def draw_wrong(self, rng: Random, right: str, count: int) -> tuple[str, ...]:
        """Values that are not the right one, each another."""
        wrong: dict[str, None] = {}
        while len(wrong) < count:
            if (value := self.draw(rng)) != right:
                wrong[value] = None
        return tuple(wrong)


def _single(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if " " not in word)


@cache
def relations() -> tuple[Relation, ...]:
    """All eight; every author has each."""
    years = tuple(str(year) for year in range(1900, 2000))
    books = (vocabulary.BOOK_ADJECTIVES, vocabulary.BOOK_NOUNS)
    return (
        Relation(
            "birthplace",
            "Where was {name} born ?",
            "{name} was born in {value} .",
            "The birthplace of {name} is {value} .",
            (vocabulary.TOWNS,),
        ),
        Relation(
            "year",
            "In which year was {name} born ?",
            "The birth year of {name} is {value} .",
            "{name} came into the world in {value} .",
            (years,),
        ),
        Relation(
            "trade",
            "What was the father of {name} ?",
            "The father of {name} was a {value} .",
            "{name} grew up as the child of a {value} .",
            (vocabulary.TRADES,),
        ),
        Relation(
            "book",
            "Which book made {name} famous ?",
            "{name} wrote The {value} .",
            "The book that made {name} famous is The {value} .",
            books,
        ),
        Relation(
            "award",
            "Which prize did {name} win ?",
            "{name} won the {value} prize .",
            "The prize that {name} won is the {value} prize .",
            (vocabulary.AWARDS,),
        ),
        Relation(
            "animals",
            "Which animals does {name} keep ?",
            "{name} keeps {value} at home .",
            "At the home of {name} live {value} .",
            (vocabulary.ANIMALS,),
        ),
        Relation(
            "skill",
            "What did {name} teach ?",
            "{name} taught {value} at school .",
            "The school of {name} had lessons in {value} .",
            (_single(vocabulary.SKILLS),),
        ),
        Relation(
            "place",
            "Where did {name} work ?",
            "{name} worked in a {value} .",
            "The work of {name} was in a {value} .",
            (_single(vocabulary.PLACES),),
        ),
    )
