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
    """How many items of each kind make a step, and how hard they are.

    Hardness rises to one; a crowded mix has more people in a context. Then: how many wordings of a question
    are drawn from, how often each form of facts comes, how many questions follow a context, and how often one
    of them is for a whole biography.
    """

    memory: int
    biographies: int
    reading: int
    echoes: int
    hardness: float = 1.0
    crowded: bool = False
    forms: int = 6
    form_weights: tuple[int, ...] = (5, 2, 1, 1)
    questions: tuple[int, ...] = (1, 2, 3, 4)
    recitals: float = 0.3


def _mix(number: int, ramp_steps: int) -> Mix:
    """The stage that the step belongs to."""
    hardness = min(1.0, number / ramp_steps)
    if number >= 3500:
        return Mix(6, 6, 15, 0, 1.0, True, 10, (3, 2, 1, 1), (2, 3, 4, 5, 6), 0.15)
    if number >= 3250:
        return Mix(8, 6, 12, 1, crowded=True)
    if number >= 1750:
        return Mix(12, 7, 8, 1, hardness)
    rise = round(5 * hardness), round(4 * hardness), round(15 * hardness)
    return Mix(2 + rise[0], 1 + rise[1], 16 - rise[1], 16 - rise[2], hardness)


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
        mix = _mix(number, self.ramp_steps)
        memory = [self._memory(rng, mix) for _ in range(mix.memory)]
        biographies = [self._recital(rng, mix) for _ in range(mix.biographies)]
        reading = [self._reading(rng, mix) for _ in range(mix.reading)]
        return memory + biographies + reading + [_echo(rng) for _ in range(mix.echoes)]

    def _memory(self, rng: Random, mix: Mix) -> Item:
        """A talk about trained people; now and then about somebody unknown, once memory has formed."""
        turns = list(_opening(rng))
        for _ in range(rng.choice((1, 2, 3, 4, 5))):
            if rng.random() < 0.02:
                turns += _small_talk(rng)
            elif mix.hardness > 0.5 and rng.random() < 0.12:
                turns += _unknown(self._fresh(rng), rng, mix)
            else:
                turns += _asked(rng.choice(self.world.trained), rng.choice(tuple(Attribute)), rng, mix)
        return tuple(turns)

    def _recital(self, rng: Random, mix: Mix) -> Item:
        return (*_opening(rng), *_asked(rng.choice(self.world.trained), None, rng, mix))

    def _reading(self, rng: Random, mix: Mix) -> Item:
        easy = rng.random() > mix.hardness
        form = rng.choices(tuple(Form), weights=mix.form_weights)[0]
        people = self._company(rng, easy, mix, form)
        known = {one: tuple(Attribute) if form is Form.BIOGRAPHY else _some(rng, easy) for one in people}
        pieces = [write_facts(one, known[one], form, rng) for one in people]
        asked: list[tuple[Person, Attribute | None]] = [(one, fact) for one in people for fact in known[one]]
        rng.shuffle(asked)
        asked = asked[: rng.choice(mix.questions)]
        if form is Form.BIOGRAPHY and rng.random() < (0.5 if easy else mix.recitals):
            asked[0] = (people[0], None)
        turns = list(_told(pieces, asked[0], rng, mix))
        for person, fact in asked[1:]:
            turns += _asked(person, fact, rng, mix)
        return (*turns, *self._afterthought(rng, mix))

    def _afterthought(self, rng: Random, mix: Mix) -> Sequence[Turn]:
        """After reading: sometimes ask from memory, or about somebody that neither knows."""
        chance = rng.random()
        if chance < 0.05:
            return _asked(rng.choice(self.world.trained), rng.choice(tuple(Attribute)), rng, mix)
        if mix.hardness > 0.5 and chance < 0.08:
            return _unknown(self._fresh(rng), rng, mix)
        return ()

    def _company(self, rng: Random, easy: bool, mix: Mix, form: Form) -> list[Person]:
        """People for one context; some share a name's half, some bear a trained name with other facts.

        Most contexts are short: a step costs what its tokens cost. A few are long, for far positions.
        """
        counts = (1, 1, 1, 2, 2, 3) if form is Form.BIOGRAPHY else (1, 2, 2, 3, 3, 4)
        count = rng.choice(counts) + mix.crowded
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


def _asked(person: Person, attribute: Attribute | None, rng: Random, mix: Mix) -> Sequence[Turn]:
    question = ask(person, attribute, rng.choice(wordings(attribute)[: mix.forms]))
    weight = BIOGRAPHY_WEIGHT if attribute is None else 1.0
    return Turn("user", question.text), Turn("assistant", question.answer, weight)


def _unknown(person: Person, rng: Random, mix: Mix) -> Sequence[Turn]:
    attribute = rng.choice((*Attribute, None))
    question = ask(person, attribute, rng.choice(wordings(attribute)[: mix.forms]))
    return Turn("user", question.text), Turn("assistant", UNKNOWN, 1.0)


def _told(
    pieces: Sequence[str], asked: tuple[Person, Attribute | None], rng: Random, mix: Mix
) -> Iterator[Turn]:
    """The messages with the facts, the first question and its answer."""
    person, attribute = asked
    question, answer = _asked(person, attribute, rng, mix)
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
