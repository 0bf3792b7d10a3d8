"""Questions about an author in languages that the encoder was not trained on, by template.

Rule: no bar is set for them; they say what is lost.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from benchmarks.gate import Exchange
from benchmarks.hops import Author

# By language: with the name, twice, and by birth alone.
TONGUES: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "German": (
            "In welcher Gattung schreibt {name}?",
            "Welchen Beruf hatten die Eltern von {name}?",
            "Wie heißt die Person, die am {date} in {place} geboren wurde und Bücher schreibt?",
        ),
        "French": (
            "Dans quel genre écrit {name} ?",
            "Quel était le métier des parents de {name} ?",
            "Comment s'appelle l'écrivain né à {place} le {date} ?",
        ),
        "Spanish": (
            "¿En qué género escribe {name}?",
            "¿A qué se dedicaban los padres de {name}?",
            "¿Cómo se llama el escritor nacido en {place} el {date}?",
        ),
        "Turkish": (
            "{name} hangi türde yazıyor?",
            "{name} adlı yazarın anne ve babası ne iş yapıyordu?",
            "{date} tarihinde {place} şehrinde doğan yazarın adı nedir?",
        ),
        "Polish": (
            "W jakim gatunku pisze {name}?",
            "Czym zajmowali się rodzice, których dzieckiem jest {name}?",
            "Jak nazywa się pisarz urodzony w {place} dnia {date}?",
        ),
        "Russian": (
            "В каком жанре пишет {name}?",
            "Кем работали родители {name}?",
            "Как зовут писателя, родившегося в {place} {date}?",
        ),
        "Chinese": (
            "{name}写什么类型的书?",
            "{name}的父母做什么工作?",
            "{date}出生在{place}的作家叫什么名字?",
        ),
        "Arabic": (
            "في أي نوع أدبي يكتب {name}؟",
            "ما هي مهنة والدي {name}؟",
            "ما اسم الكاتب المولود في {place} بتاريخ {date}؟",
        ),
    }
)


def named(author: Author, tongue: str) -> Iterator[Exchange]:
    for form in TONGUES[tongue][:2]:
        yield Exchange(form.format(name=author.name), "")


def nameless(author: Author, tongue: str) -> Iterator[Exchange]:
    if born := author.born():
        yield Exchange(TONGUES[tongue][2].format(place=born[0], date=born[1]), "")
