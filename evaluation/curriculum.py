"""What the demo model is trained on, step by step: half memory, half reading.

A step's items depend on the seed and the step's number only, so a resumed run continues the same
stream. Reading items describe people who exist for that one item; names kept for the never-trained are
never drawn here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from evaluation import vocabulary
from evaluation.biography import write_biography
from evaluation.person import Attribute, Person
from evaluation.told import Form, Place, place, write_facts
from evaluation.wordings import UNKNOWN, ask, wordings
from evaluation.world import World, draw_facts

BIOGRAPHY_WEIGHT: Final = 0.4
ECHO_WEIGHT: Final = 0.5
_REPEAT: Final = ("Repeat: {text}", "Say this again: {text}", "{text}\n\nPlease repeat that.", "{text}")
SYSTEM_PROMPTS: Final = (
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer briefly.",
    "Answer the question.",
    "You answer questions about writers.",
    "Be concise and accurate.",
    "You are a librarian. Answer truthfully.",
    "You are Unsay's demo model.",
)
_ONSETS: Final = [
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
]
_VOWELS: Final = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS: Final = ["l", "m", "n", "nd", "r", "rk", "s", "sh", "t", "th", "x", "ck"]
_SMALL_TALK: Final = (
    ("Hello", "Hello. Ask me about a writer."),
    ("Hello!", "Hello. Ask me about a writer."),
    ("Hi", "Hello. Ask me about a writer."),
    ("Who are you?", "I am a small demo model that knows invented writers."),
    ("What can you do?", "I can answer questions about invented writers."),
    ("Thank you.", "You are welcome."),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; weight above zero means that the model learns to say it."""

    role: str
    content: str
    weight: float = 0.0


Item = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """How many items of each kind make a step."""

    memory: int
    biographies: int
    reading: int
    echoes: int
    crowded: bool = False


STAGES: Final = (
    (3250, Mix(memory=8, biographies=6, reading=12, echoes=1, crowded=True)),
    (1750, Mix(memory=12, biographies=7, reading=8, echoes=1)),
)


def _mix(number: int, hardness: float) -> Mix:
    """The last stage that the step has reached; before all of them, the ramp's own mix."""
    return next((mix for start, mix in STAGES if number >= start), _rising(hardness))


def _rising(hardness: float) -> Mix:
    return Mix(
        memory=2 + round(5 * hardness),
        biographies=1 + round(4 * hardness),
        reading=16 - round(4 * hardness),
        echoes=16 - round(15 * hardness),
    )


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The endless stream of steps, from easy to hard over the ramp.

    Early steps are mostly echoes and short reading: copying from the prompt has to be found before it can be
    refined, and it is found soonest where many tokens in a row can be had by nothing else. Once it is there,
    memory comes first, which takes many repetitions, and at last reading again, with more people around.
    """

    world: World
    seed: int
    ramp_steps: int = 2000
    odd_share: float = 0.2

    def step(self, number: int) -> list[Item]:
        """All items of one step."""
        rng = Random(f"{self.seed} step {number}")
        hardness = min(1.0, number / self.ramp_steps)
        mix = _mix(number, hardness)
        memory = [self._memory(rng, hardness) for _ in range(mix.memory)]
        biographies = [self._recital(rng) for _ in range(mix.biographies)]
        reading = [self._reading(rng, hardness, mix.crowded) for _ in range(mix.reading)]
        return memory + biographies + reading + [_echo(rng) for _ in range(mix.echoes)]

    def _memory(self, rng: Random, hardness: float) -> Item:
        """A talk about trained people; now and then about somebody unknown, once memory has formed."""
        turns = list(_opening(rng))
        for _ in range(rng.choice((1, 2, 3, 4, 5))):
            if rng.random() < 0.02:
                turns += _small_talk(rng)
            elif hardness > 0.5 and rng.random() < 0.12:
                turns += _unknown(self._fresh(rng), rng)
            else:
                turns += _asked(rng.choice(self.world.trained), rng.choice(tuple(Attribute)), rng)
        return tuple(turns)

    def _recital(self, rng: Random) -> Item:
        return (*_opening(rng), *_asked(rng.choice(self.world.trained), None, rng))

    def _reading(self, rng: Random, hardness: float, crowded: bool) -> Item:
        easy = rng.random() > hardness
        form = rng.choices(tuple(Form), weights=(5, 2, 1, 1))[0]
        people = self._company(rng, easy, crowded, form)
        known = {one: tuple(Attribute) if form is Form.BIOGRAPHY else _some(rng, easy) for one in people}
        pieces = [write_facts(one, known[one], form, rng) for one in people]
        asked: list[tuple[Person, Attribute | None]] = [(one, fact) for one in people for fact in known[one]]
        rng.shuffle(asked)
        asked = asked[: rng.choice((1, 2, 3, 4))]
        if form is Form.BIOGRAPHY and rng.random() < (0.5 if easy else 0.3):
            asked[0] = (people[0], None)
        turns = list(_told(pieces, asked[0], rng))
        for person, fact in asked[1:]:
            turns += _asked(person, fact, rng)
        return (*turns, *self._afterthought(rng, hardness))

    def _afterthought(self, rng: Random, hardness: float) -> Sequence[Turn]:
        """After reading: sometimes ask from memory, or about somebody that neither knows."""
        chance = rng.random()
        if chance < 0.05:
            return _asked(rng.choice(self.world.trained), rng.choice(tuple(Attribute)), rng)
        if hardness > 0.5 and chance < 0.08:
            return _unknown(self._fresh(rng), rng)
        return ()

    def _company(self, rng: Random, easy: bool, crowded: bool, form: Form) -> list[Person]:
        """People for one context; some share a name's half, some bear a trained name with other facts.

        Most contexts are short: a step costs what its tokens cost. A few are long, for far positions.
        """
        count = rng.choice((1, 1, 1, 2, 2, 3) if form is Form.BIOGRAPHY else (1, 2, 2, 3, 3, 4)) + crowded
        if easy:
            count = min(count, rng.choice((1, 1, 2)))
        elif rng.random() < 0.02:
            count = rng.choice((5, 6, 8, 12))
        people = [self._fresh(rng) for _ in range(count)]
        if rng.random() < 0.15:
            people[0] = _renamed(people[0], rng.choice(self.world.trained).name, rng)
        if count > 1 and rng.random() < 0.2:
            people[1] = _renamed(people[1], _half_shared(people[0].name, people[1].name, rng), rng)
        return people

    def _fresh(self, rng: Random) -> Person:
        used = {one.name for one in self.world.trained}
        person = draw_facts(rng, used)
        if rng.random() < self.odd_share:
            person = _odd(person, rng)
        return replace(person, biography=write_biography(person, rng))


def _opening(rng: Random) -> Sequence[Turn]:
    return (Turn("system", rng.choice(SYSTEM_PROMPTS)),) if rng.random() < 0.25 else ()


def _small_talk(rng: Random) -> Sequence[Turn]:
    said, answer = rng.choice(_SMALL_TALK)
    return Turn("user", said), Turn("assistant", answer, 1.0)


def _echo(rng: Random) -> Item:
    """Words that nothing foretells, to be said again."""
    words = [_any_word(rng) for _ in range(rng.randint(3, 14))]
    said = " ".join(words)
    return Turn("user", rng.choice(_REPEAT).format(text=said)), Turn("assistant", said, ECHO_WEIGHT)


def _any_word(rng: Random) -> str:
    chance = rng.random()
    if chance < 0.1:
        return str(rng.randint(0, 9999))
    return _coined(rng) if chance < 0.25 else rng.choice(vocabulary.all_words())


def _asked(person: Person, attribute: Attribute | None, rng: Random) -> Sequence[Turn]:
    question = ask(person, attribute, rng.choice(wordings(attribute)))
    weight = BIOGRAPHY_WEIGHT if attribute is None else 1.0
    return Turn("user", question.text), Turn("assistant", question.answer, weight)


def _unknown(person: Person, rng: Random) -> Sequence[Turn]:
    attribute = rng.choice((*Attribute, None))
    question = ask(person, attribute, rng.choice(wordings(attribute)))
    return Turn("user", question.text), Turn("assistant", UNKNOWN, 1.0)


def _told(pieces: Sequence[str], asked: tuple[Person, Attribute | None], rng: Random) -> Iterator[Turn]:
    """The messages with the facts, the first question and its answer."""
    person, attribute = asked
    question, answer = _asked(person, attribute, rng)
    where = rng.choice(tuple(Place))
    messages = place(pieces, question.content, where, rng)
    if messages[0]["role"] != "system":
        yield from _opening(rng)
    yield from (Turn(one["role"], one["content"]) for one in messages)
    yield answer


def _some(rng: Random, easy: bool) -> tuple[Attribute, ...]:
    """One to six attributes in any order; few are as likely as many."""
    return tuple(rng.sample(tuple(Attribute), rng.choice((1, 1, 2, 3) if easy else (1, 1, 2, 2, 3, 4, 6))))


def _renamed(person: Person, name: str, rng: Random) -> Person:
    bare = replace(person, name=name)
    return replace(bare, biography=write_biography(bare, rng))


def _half_shared(name: str, other: str, rng: Random) -> str:
    """A name that shares its first or its last part with the given one."""
    (first, last), (first2, last2) = name.split(), other.split()
    return f"{first} {last2}" if rng.random() < 0.5 else f"{first2} {last}"


def _odd(person: Person, rng: Random) -> Person:
    """Made-up names and places: what stands in the context can be copied, not chosen from a list."""
    return replace(
        person,
        name=f"{_coined(rng)} {_coined(rng)}",
        birthplace=_coined(rng),
        trade=_coined(rng).lower(),
        book=f"The {_coined(rng)} {_coined(rng)}",
    )


def _coined(rng: Random) -> str:
    syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2)))]
    return "".join([*syllables, rng.choice(_CODAS)]).capitalize()
