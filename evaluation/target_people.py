"""Whom an attack is tried on: the people of the target's world, and strangers for the floor.

The rule: the same number and draw always give the same aim. A person's draws go round what can be asked, so
that k tries at a person are tries at all of them.
"""

from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from evaluation.attack import Aim, Attack, disguised
from evaluation.person import Person
from evaluation.target import Target, WorldPart
from evaluation.target_list import Listed
from evaluation.wordings import ask, wordings
from evaluation.world import World, demo_world, generated_world

STRANGERS: Final = 60


class People(Protocol):
    """Numbered people; `floor` means strangers."""

    @property
    def world(self) -> World: ...

    def size(self, attack: Attack, floor: bool) -> int: ...

    def aim(self, attack: Attack, number: int, draw: int, floor: bool) -> Aim | None: ...


@dataclass(frozen=True, slots=True)
class Invented:
    """The people of an invented world."""

    world: World
    strangers: tuple[Person, ...]
    seed: int

    def size(self, attack: Attack, floor: bool) -> int:
        return STRANGERS if floor else len(attack.people(self.world))

    def aim(self, attack: Attack, number: int, draw: int, floor: bool) -> Aim:
        person = self.strangers[number] if floor else attack.people(self.world)[number]
        asked = attack.asks[(number + draw) % len(attack.asks)]
        forms = wordings(asked) + wordings(asked, held_out=True)
        form = Random(f"{self.seed} {attack.name} {number} {draw}").choice(forms)
        told = disguised(self.strangers[number + 1], person) if floor else person
        return Aim(self.world, person, ask(person, asked, form), told, self.seed * 1_000_003 + draw)


def people_of(target: Target) -> People:
    if target.world.file is not None:
        return Listed.load(target.world.file, target.seed)
    world = world_of(target.world)
    return Invented(world, world.never_trained(STRANGERS + 1, seed=1), target.seed)


def world_of(part: WorldPart) -> World:
    """The invented world that the target names."""
    if part.people is None:
        return demo_world(part.seed)
    return generated_world(part.seed, part.people, part.retained)
