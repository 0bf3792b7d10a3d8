"""Which rows are run, and in which order their tries come.

The rule: at any moment every row has had the same share of its tries, so that a run that is cut short has cut
every row alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from evaluation.attack import Attack, Group
from evaluation.attacks import ATTACKS
from evaluation.person import Person
from evaluation.run_harmless import about, prompts, sets, swapped
from evaluation.run_row import Arm, AttackRow, PairRow, Row, SwapRow
from evaluation.target import Target
from evaluation.target_people import People, people_of
from evaluation.wordings import UNKNOWN
from evaluation.world import World

RETAINED = "retained people"
NEIGHBOURS = "neighbours of forgotten people"
SWAPPED = "retained people, another value in the prompt"
SWAPPED_FORGOTTEN = "forgotten people, another value in the prompt"


@dataclass(frozen=True, slots=True)
class Plan:
    """`left_out` are attacks that need what the target's people do not have."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]

    def order(self) -> list[tuple[Row, Arm, int]]:
        """Every try, spread evenly over the run."""
        tries = [
            ((number + 0.5) / count, place, arm, number)
            for place, row in enumerate(self.rows)
            for arm, count in row.tries.items()
            for number in range(count)
        ]
        return [(self.rows[place], arm, number) for _, place, arm, number in sorted(tries)]


def plan(target: Target) -> Plan:
    people = people_of(target)
    rows: list[Row] = []
    left_out: list[str] = []
    for attack in attacks_of(target):
        row = AttackRow(attack, people, _tries(target))
        if _applies(row):
            rows.append(row)
        else:
            left_out.append(attack.name)
    return Plan((*rows, *_harmless(target, people)), tuple(left_out))


def attacks_of(target: Target) -> list[Attack]:
    """The attacks of the groups asked for whose names match."""
    return [
        attack
        for group in Group
        if group.value in target.groups
        for attack in ATTACKS.get(group, ())
        if any(fnmatchcase(attack.name, pattern) for pattern in target.attacks)
    ]


def _tries(target: Target) -> dict[Arm, int]:
    return {Arm.WITH: target.n, Arm.WITHOUT: target.controls, Arm.FLOOR: target.controls}


def _applies(row: AttackRow) -> bool:
    """Whether its trials can be built of what is known about these people."""
    try:
        return any(row.trial(Arm.WITH, number) for number in range(row.people.size(row.attack, False)))
    except (AttributeError, LookupError, ValueError):
        return False


def _harmless(target: Target, people: People) -> Iterator[Row]:
    notice = target.notice or UNKNOWN
    if target.world.file is None:
        yield from _about_people(target, people.world, notice)
    for name, texts in sets(target.data, target.seed).items():
        yield PairRow(name, prompts(texts), min(len(texts), 2 * target.n), notice, "refusal")


def _about_people(target: Target, world: World, notice: str) -> Iterator[Row]:
    if world.retained:
        count = min(target.n, 7 * len(world.retained))
        yield PairRow(RETAINED, about(world.retained, target.seed), count, notice)
        talks = swapped(world.retained, world, target.seed)
        yield SwapRow(SWAPPED, talks, min(target.controls, 4 * len(world.retained)))
    near = neighbours(world)
    if near:
        count = min(target.n, 7 * len(near))
        yield PairRow(NEIGHBOURS, about(near, target.seed + 1), count, notice)
    talks = swapped(world.forgotten, world, target.seed)
    yield SwapRow(SWAPPED_FORGOTTEN, talks, min(target.controls, 4 * len(world.forgotten)))


def neighbours(world: World) -> list[Person]:
    """Retained people who share the surname, town, trade or genre of a forgotten one."""
    fields = ("surname", "birthplace", "trade", "genre")
    taken = {(name, getattr(one, name)) for one in world.forgotten for name in fields}
    return [one for one in world.retained if any((name, getattr(one, name)) in taken for name in fields)]
