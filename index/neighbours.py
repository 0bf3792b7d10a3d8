"""Synthetic neighbours: an entry's own sentences about somebody else.

A question about a neighbour differs from a forgotten one in its names, places, dates and numbers only, so these are
exchanged for others of their kind. Two casts are kept apart: margins see one, calibration the other.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from index.bits import bits
from index.dates import MONTHS
from index.plain_words import Words, contains, plain_words
from index.runs import Run, capital_runs, quoted_titles

# Below this a capitalised run is an ordinary word (a language, a nationality) and says what is asked, not of whom.
EXCHANGED_BITS = 25.0

_MARGIN_FIRST = ["Adam", "Amina", "Andrej", "Beatriz", "Carmen", "Chidi", "Daniela", "Dmitri", "Elena", "Emeka", "Farah", "Fiona", "George", "Hana", "Hugo", "Ibrahim", "Ines", "Ivan", "Jasmine", "Jin", "Karim", "Katarina", "Lars", "Lucia", "Malik", "Marta", "Mei", "Miguel", "Nadia", "Oliver", "Olga", "Pablo", "Priya", "Rashid", "Rosa", "Sven", "Tariq", "Teresa", "Viktor", "Yuki"]  # fmt: skip
_MARGIN_LAST = ["Abadi", "Adeyemi", "Andersen", "Barros", "Bianchi", "Castillo", "Chen", "Dimitrov", "Dubois", "Eriksson", "Fernandes", "Fofana", "Gallagher", "Haddad", "Hoffmann", "Ivanova", "Jansen", "Kaya", "Kowalski", "Larsen", "Lindqvist", "Mbeki", "Mensah", "Moreau", "Nakagawa", "Novak", "Okafor", "Ortega", "Petrov", "Qureshi", "Reyes", "Rossi", "Sato", "Schneider", "Sharma", "Silva", "Tanaka", "Vargas", "Walsh", "Wong"]  # fmt: skip
_CALIBRATION_FIRST = ["Abel", "Agnes", "Ahmed", "Alice", "Bashir", "Bruno", "Camille", "Cyrus", "Deepa", "Diego", "Esther", "Fatou", "Felix", "Freya", "Gustav", "Halima", "Henrik", "Iris", "Isaac", "Jelena", "Jonas", "Kwame", "Laila", "Leon", "Magda", "Marco", "Naomi", "Nikos", "Omar", "Paula", "Rafael", "Renata", "Samuel", "Sofia", "Suresh", "Thandiwe", "Tomas", "Ulrich", "Wei", "Zara"]  # fmt: skip
_CALIBRATION_LAST = ["Abdi", "Almeida", "Baker", "Becker", "Brandt", "Campos", "Cohen", "Cruz", "Diallo", "Duarte", "Farouk", "Fischer", "Garcia", "Greco", "Hansen", "Hossain", "Ishikawa", "Jovanovic", "Kamau", "Kim", "Klein", "Lopez", "Lund", "Mahmoud", "Martin", "Meyer", "Mutua", "Nguyen", "Nilsson", "Osei", "Park", "Pereira", "Popa", "Rahimi", "Santos", "Singh", "Stewart", "Takahashi", "Toure", "Weber"]  # fmt: skip
_MARGIN_PLACES = ["Lisbon, Portugal", "Warsaw, Poland", "Lima, Peru", "Nairobi, Kenya", "Hanoi, Vietnam", "Dublin, Ireland", "Rabat, Morocco", "Osaka, Japan", "Quito, Ecuador", "Helsinki, Finland", "Dakar, Senegal", "Chicago, USA", "Perth, Australia", "Naples, Italy", "Lahore, Pakistan", "Shanghai, China", "Tehran, Iran", "Leeds, England", "Accra, Ghana", "Minsk, Belarus"]
_CALIBRATION_PLACES = ["Porto, Portugal", "Prague, Czech Republic", "Bogota, Colombia", "Kampala, Uganda", "Manila, Philippines", "Glasgow, Scotland", "Tunis, Tunisia", "Kyoto, Japan", "La Paz, Bolivia", "Oslo, Norway", "Lagos, Nigeria", "Boston, USA", "Brisbane, Australia", "Milan, Italy", "Dhaka, Bangladesh", "Seoul, South Korea", "Baghdad, Iraq", "Bristol, England", "Abidjan, Ivory Coast", "Riga, Latvia"]
_MARGIN_TITLES = ["The Glass Orchard", "Letters to the Tide", "A Winter of Sparrows", "The Last Cartographer", "Salt and Cinnamon", "Beyond the Copper Hills", "The Clockmaker's Daughter", "Songs for an Empty House", "The Weight of Feathers", "Midnight Ferry"]
_CALIBRATION_TITLES = ["The Paper Lantern", "Whispers of the Harbour", "A Map of Small Fires", "The Silent Gardener", "Iron and Honey", "Under the Violet Sky", "The Watchman's Secret", "Ballads of the Long Road", "The Colour of Rain", "The Seventh Door"]


@dataclass(frozen=True, slots=True)
class Inventory:
    first: Sequence[str]
    last: Sequence[str]
    places: Sequence[str]
    titles: Sequence[str]


class Cast(Enum):
    MARGIN = Inventory(_MARGIN_FIRST, _MARGIN_LAST, _MARGIN_PLACES, _MARGIN_TITLES)
    CALIBRATION = Inventory(_CALIBRATION_FIRST, _CALIBRATION_LAST, _CALIBRATION_PLACES, _CALIBRATION_TITLES)


def neighbour(text: str, names: Iterable[str], cast: Cast) -> str | None:
    """The text about somebody else, the same for the same text; None when there is nothing to exchange."""
    chance = Random(hashlib.blake2b(f"{cast.name} {text}".encode(), digest_size=8).digest())
    exchanged = _exchange_dates(text, chance)
    for found, other in _exchanges(text, [plain_words(name) for name in names], cast.value, chance):
        exchanged = re.sub(rf"(?<!\w){re.escape(found)}(?!\w)", other.replace("\\", ""), exchanged)
    return exchanged if exchanged != text else None


def _exchanges(text: str, names: list[Words], inventory: Inventory, chance: Random) -> list[tuple[str, str]]:
    """What goes out and what comes in, longest first so that a part is not exchanged inside its whole."""
    person = f"{chance.choice(inventory.first)} {chance.choice(inventory.last)}"
    place = chance.choice(inventory.places).split(", ")
    pairs = {title: chance.choice(inventory.titles) for title in quoted_titles(text)}
    for run in capital_runs(text):
        kept = run.unopened()
        if kept.words:
            pairs.setdefault(kept.text, _other(kept, names, person, place, pairs))
    return sorted(
        ((found, other) for found, other in pairs.items() if found != other), key=lambda pair: -len(pair[0])
    )


def _other(run: Run, names: list[Words], person: str, place: list[str], pairs: dict[str, str]) -> str:
    words = plain_words(run.text)
    if any(contains(words, name) or contains(name, words) for name in names):
        return person if len(words) > 1 else person.split()[-1]
    if run.placed:
        return place[0]
    if place[0] in pairs.values() and place[-1] not in pairs.values():
        return place[-1]
    return person if bits(run.text) >= EXCHANGED_BITS else run.text


def _exchange_dates(text: str, chance: Random) -> str:
    text = re.sub(rf"\b({'|'.join(MONTHS)})\b(?=\s+\d|,)", lambda match: chance.choice(MONTHS), text)
    return re.sub(r"\d+", lambda match: _number(match.group(), chance), text)


def _number(digits: str, chance: Random) -> str:
    """Another number of the same look: a year stays a year, a day a day."""
    if re.fullmatch(r"(?:19|20)\d\d", digits):
        return str(chance.randint(1930, 2015))
    if len(digits) <= 2:
        return str(chance.randint(1, 12)).zfill(len(digits))
    return digits[0] + "".join(chance.choice("0123456789") for _ in digits[1:])
