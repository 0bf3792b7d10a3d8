"""Passages and what is done to them: edits, pieces, fillers, another order.

Rule: every edit is at a place of its own: a word is replaced, left out, put in, or exchanged with another one
anywhere in the passage. The worlds are none that anything was tuned on.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random

from wordfreq import top_n_list

from evaluation.world import demo_world
from policy.surface import Role

SEEDS = (4101, 4102, 4103)
FILLERS = ("well", "um", "you", "know", "basically", "like", "banana", "so")
SHORTEST = 8

Turns = list[tuple[Role, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """Texts that are forgotten, others of their kind, and such as are listed as retain texts."""

    passages: tuple[str, ...]
    others: tuple[str, ...]
    retain: tuple[str, ...] = ()


def cases(data: Path | None) -> Mapping[str, Callable[[], Case]]:
    """By name; poems and TOFU's answers where there is a folder of them."""
    made: dict[str, Callable[[], Case]] = {
        f"biographies, world {seed}": partial(_world, seed) for seed in SEEDS
    }
    made["one biography, no retain texts"] = _alone
    if data is not None:
        made["poems"] = partial(_poems, data / "poems")
        made[f"TOFU answers of {SHORTEST} words or more"] = partial(_tofu, data / "tofu")
    return made


def _world(seed: int) -> Case:
    world = demo_world(seed)
    told = tuple(person.biography for person in world.retained)
    return Case(tuple(person.biography for person in world.forgotten), told[90:], told[:90])


def _alone() -> Case:
    world = demo_world(SEEDS[0])
    return Case((world.forgotten[0].biography,), tuple(person.biography for person in world.retained))


def _poems(folder: Path) -> Case:
    """The first poem of each author is forgotten, none of the others is."""
    by_author: dict[str, list[str]] = {}
    for path in sorted(folder.glob("* by *.txt")):
        author = path.stem.rpartition(" by ")[2].split()[-1]
        by_author.setdefault(author, []).append(path.read_text(encoding="utf-8"))
    first = tuple(poems[0] for poems in by_author.values())
    return Case(first, tuple(poem for poems in by_author.values() for poem in poems[1:]))


def _tofu(folder: Path) -> Case:
    """Half of the other authors are listed as retain texts, half are unseen."""
    forgotten, others = _answers(folder / "forget05.json"), _answers(folder / "retain90.json")
    half = len(others) // 40 * 20
    return Case(
        tuple(text for text in forgotten if len(text.split()) >= SHORTEST), others[half:], others[:half]
    )


def _answers(file: Path) -> tuple[str, ...]:
    with file.open(encoding="utf-8") as lines:
        return tuple(json.loads(line)["answer"] for line in lines)


@cache
def _common() -> list[str]:
    return [word for word in top_n_list("en", 5000) if word.isalpha()]


def edited(text: str, rate: float, chance: Random) -> str:
    words = text.split()
    kinds = [chance.choice("rdis") if chance.random() < rate else "" for _ in words]
    for place, kind in enumerate(kinds):
        if kind == "s":
            other = chance.randrange(len(words))
            words[place], words[other] = words[other], words[place]
    return " ".join(
        said for word, kind in zip(words, kinds, strict=True) for said in _changed(word, kind, chance)
    )


def _changed(word: str, kind: str, chance: Random) -> tuple[str, ...]:
    match kind:
        case "r":
            return (chance.choice(_common()),)
        case "d":
            return ()
        case "i":
            return word, chance.choice(_common())
        case _:
            return (word,)


def in_pieces(text: str, chance: Random, *, shuffled: bool) -> Turns:
    """Of 5 to 40 words, by any role, with other talk between."""
    words, cut = text.split(), []
    while words:
        size = chance.randint(5, 40)
        cut.append(" ".join(words[:size]))
        words = words[size:]
    if shuffled:
        chance.shuffle(cut)
    turns = [(chance.choice(list(Role)), piece) for piece in cut]
    return [said for turn in turns for said in (turn, (chance.choice(list(Role)), _talk(chance)))]


def _talk(chance: Random) -> str:
    return " ".join(chance.choices(_common(), k=chance.randint(5, 30)))


def filled(text: str, every: int, chance: Random) -> str:
    return " ".join(
        f"{word} {chance.choice(FILLERS)}" if place % every == 0 else word
        for place, word in enumerate(text.split())
    )


def turned(text: str, chance: Random) -> str:
    """Its sentences, or lines, in another order."""
    parts = [part for part in re.split(r"(?<=[.!?;])\s+|\n+", text) if part.strip()]
    chance.shuffle(parts)
    return " ".join(parts)


def texts_of(words: int, texts: Sequence[str]) -> list[str]:
    every = [word for text in texts for word in text.split()]
    return [" ".join(every[at : at + words]) for at in range(0, len(every) - words + 1, words)]
