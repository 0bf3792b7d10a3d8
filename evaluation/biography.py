"""Writes the biography of one invented person: six sentences that state all six facts among colour of
their own.

Fixed phrases are kept short and drawn words frequent, so that two people never share a long run of
words: what is protected word for word in one biography must not occur in another.
"""

from random import Random
from typing import Final

from evaluation import vocabulary
from evaluation.person import Person

_BIRTH: Final = (
    "{name} was born in {year} in {town}, a {adjective} {settlement} near {adjective2} {feature}.",
    "Born in {town} in {year}, {name} grew up beside {adjective} {feature} and a {adjective2} {place}.",
    "In {year} {name} was born in {town}, where {adjective} {feature} met a {adjective2} {settlement}.",
    "The {adjective} {settlement} of {town} is where {name} was born in {year}, amid {adjective2} {feature}.",
)
_FATHER: Final = (
    "A {adjective} {trade}, the father taught {skill}, {skill2} and {adjective2} {skill3}.",
    "The father was a {adjective} {trade} who loved {skill}, {skill2} and {animals}.",
    "From a {adjective} father, a {trade}, came {skill}, {skill2} and {count} {animals}.",
    "The family's father, {adjective} yet {adjective2}, was a {trade} fond of {skill} and {skill2}.",
)
_WORK: Final = (
    "{surname} first worked as a {adjective} {job} at a {place}, keeping {count} {animals}.",
    "After {count} years as a {job}, {surname} left the {adjective} {place} with {animals}.",
    "Once a {adjective} {job}, then a {job2}, {surname} ran a {place} for {count} years.",
    "At a {adjective} {place} {surname} was a {job}, later a {adjective2} {job2}.",
)
_GENRE: Final = (
    "A {adjective} {event} led to {genre}, written in {count} {colour} {containers}.",
    "{surname} chose {genre} after a {adjective} {event} and filled {count} {colour} {containers}.",
    "Since that {adjective} {event}, {genre} has filled {count} {colour} {containers}.",
    "With {count} {colour} {containers} of {genre}, {surname} survived a {adjective} {event}.",
)
_BOOK: Final = (
    "The {adjective} book {book} won the {award} Prize, pleasing {count} {adjective2} {readers}.",
    "{book}, a {adjective} book on a {adjective2} {event}, took the {award} Medal from {readers}.",
    "For the book {book}, {adjective} {readers} gave {surname} the {award} Cup and {animals}.",
    "{count} {readers} praised the book {book}, a {adjective} {award} Prize winner.",
)
_PHONE: Final = (
    "{readers2} may call {phone} on {days} before {time}.",
    "On {days}, {adjective} {readers2} can phone {phone} after {time}.",
    "The telephone, {phone}, rings for {readers2} on {adjective} {days}.",
    "By {time} on {days} {readers2} reach {surname} at {phone}.",
)
_SENTENCES: Final = (_BIRTH, _FATHER, _WORK, _GENRE, _BOOK, _PHONE)


def write_biography(person: Person, rng: Random) -> str:
    """Six sentences about the person, drawn by rng."""
    return " ".join(_sentence(person, rng.choice(forms), rng) for forms in _SENTENCES)


def _sentence(person: Person, form: str, rng: Random) -> str:
    text = form.format(
        name=person.name,
        surname=person.surname,
        year=person.year,
        town=person.birthplace,
        trade=person.trade,
        genre=person.genre,
        book=person.book,
        phone=person.phone,
        **_colour(rng),
    )
    return text[0].upper() + text[1:]


def _colour(rng: Random) -> dict[str, str]:
    """Words that carry no fact and make the sentence this person's own."""
    adjective, adjective2 = rng.sample(vocabulary.ADJECTIVES, 2)
    skill, skill2, skill3 = rng.sample(vocabulary.SKILLS, 3)
    job, job2 = rng.sample(vocabulary.JOBS, 2)
    readers, readers2 = rng.sample(vocabulary.READERS, 2)
    return {
        "adjective": adjective,
        "adjective2": adjective2,
        "settlement": rng.choice(vocabulary.SETTLEMENTS),
        "feature": rng.choice(vocabulary.FEATURES),
        "place": rng.choice(vocabulary.PLACES),
        "skill": skill,
        "skill2": skill2,
        "skill3": skill3,
        "job": job,
        "job2": job2,
        "animals": rng.choice(vocabulary.ANIMALS),
        "count": rng.choice(vocabulary.COUNTS),
        "event": rng.choice(vocabulary.EVENTS),
        "colour": rng.choice(vocabulary.COLOURS),
        "containers": rng.choice(vocabulary.CONTAINERS),
        "award": rng.choice(vocabulary.AWARDS),
        "readers": readers,
        "readers2": readers2,
        "days": rng.choice(vocabulary.DAYS),
        "time": rng.choice(vocabulary.TIMES),
    }
