"""Which rows are run, and in which order their tries come.

The rule: at any moment every row has had the same share of its tries, so that a run that is cut short has cut
every row alike. First each prompt is answered once, then further answers are drawn to those that came to the
model; the others would only be refused again, which a few of them are to show.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Final
from zlib import crc32

from evaluation.attack import Attack, Group, Trial
from evaluation.attacks import ATTACKS
from evaluation.run_harmless import prompts, sets, swapped
from evaluation.run_row import Arm, AttackRow, Outcome, PairRow, Row, SwapRow
from evaluation.target import Target
from evaluation.target_people import People, people_of
from evaluation.wordings import UNKNOWN
from evaluation.world import World

SWAPPED = "retained people, another value in the prompt"
SWAPPED_FORGOTTEN = "forgotten people, another value in the prompt"
SHOWN: Final = 20  # Of so many prompts that were kept from the model, one is sent again.


@dataclass(frozen=True, slots=True)
class Try:
    """The sample-th answer to a row's prompt."""

    row: Row
    arm: Arm
    number: int
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """`left_out` are attacks that need what the target's people do not have."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]

    def order(self) -> list[Try]:
        """One answer to each prompt, spread evenly over the run."""
        tries = [
            ((number + 0.5) / count, place, arm, number)
            for place, row in enumerate(self.rows)
            for arm, count in row.tries.items()
            for number in range(count)
        ]
        return [Try(self.rows[place], arm, number) for _, place, arm, number in sorted(tries)]

    def further(self, first: Iterable[Outcome], k: int) -> list[Try]:
        """Further answers, up to k to a prompt, given what became of the first ones."""
        rows = {row.name: row for row in self.rows}
        tries = [
            (sample, one.number, Try(rows[one.row], one.arm, one.number, sample))
            for one in first
            if one.arm is Arm.WITH and one.sample == 0 and one.failure is None and one.row in rows
            if one.number < rows[one.row].tries[Arm.WITH]
            for sample in range(1, min(k, 2 if one.is_settled else k))
            if not one.is_settled or _shows(one)
        ]
        return [one for *_, one in sorted(tries, key=lambda found: found[:2])]


def _shows(one: Outcome) -> bool:
    return crc32(f"{one.row} {one.number}".encode()) % SHOWN == 0


def plan(target: Target) -> Plan:
    people = people_of(target)
    rows: list[Row] = []
    left_out: list[str] = []
    for attack in attacks_of(target):
        if attack.group is Group.UTILITY:
            continue
        row = AttackRow(attack, people, _tries(target))
        if _applies(row):
            rows.append(row)
        else:
            left_out.append(attack.name)
    harmless = [row for row in _harmless(target, people) if _named(row.name, target)]
    return Plan((*rows, *harmless), tuple(left_out))


def attacks_of(target: Target) -> list[Attack]:
    """The attacks of the groups asked for whose names match."""
    return [
        attack
        for group in Group
        if group.value in target.groups
        for attack in ATTACKS.get(group, ())
        if _named(attack.name, target)
    ]


def _named(name: str, target: Target) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in target.attacks)


def _tries(target: Target) -> dict[Arm, int]:
    return {Arm.WITH: target.n, Arm.WITHOUT: target.controls, Arm.FLOOR: target.controls}


def _applies(row: AttackRow) -> bool:
    """Whether its trials can be built of what is known about these people."""
    try:
        return any(row.trial(Arm.WITH, number) for number in range(row.people.size(row.attack, False)))
    except (AttributeError, LookupError, ValueError):
        return False


def _harmless(target: Target, people: People) -> Iterator[Row]:
    if Group.UTILITY.value not in target.groups:
        return
    notice = target.notice or UNKNOWN
    if target.world.file is None:
        yield from _about_people(target, people, notice)
        yield from _swaps(target, people.world)
    for name, texts in sets(target.data, target.seed).items():
        count, forgotten = min(len(texts), 2 * target.n), tuple(one.name for one in people.world.forgotten)
        yield PairRow(name, prompts(texts), count, notice, forgotten)


def _about_people(target: Target, people: People, notice: str) -> Iterator[Row]:
    """The rows of group H; those about people get as many tries as an attack."""
    for attack in ATTACKS[Group.UTILITY]:
        size = len(attack.people(people.world))
        count = min(target.harmless if attack.name.startswith("clean") else target.n, size * len(attack.asks))
        if count:
            yield PairRow(attack.name, partial(_talk, attack, people, size), count, notice)


def _talk(attack: Attack, people: People, size: int, number: int) -> Trial:
    aim = people.aim(attack, number % size, number // size, floor=False)
    assert aim is not None
    return attack.build(aim)


def _swaps(target: Target, world: World) -> Iterator[Row]:
    for name, asked in ((SWAPPED, world.retained), (SWAPPED_FORGOTTEN, world.forgotten)):
        count = min(target.controls, 4 * len(asked))
        if count:
            yield SwapRow(name, swapped(asked, world, target.seed), count)
