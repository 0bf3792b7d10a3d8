"""The measured promise on worlds that the mosaic was not made on: renamed subjects are known by three facts,
and texts about neighbours pass.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from evaluation.demo_policy import policy_files
from evaluation.interval import Rate
from evaluation.person import Attribute, Person
from evaluation.wordings import ask, statements, wordings
from evaluation.world import World, demo_world
from filters.prompt import PromptScanner
from filters.segment import Segment
from index.build import build
from index.snapshot import Snapshot
from policy.file import load_policy
from policy.surface import Role

KEY = bytes(range(32))
# Book and phone are strong: either of them is found by itself.
WEAK = (Attribute.BIRTHPLACE, Attribute.YEAR, Attribute.TRADE, Attribute.GENRE)
Refused = Callable[[str], bool]


def refusing(world: World, folder: Path) -> Refused:
    """The demo's policy about another world, without the encoder: what exact detectors find in a prompt."""
    for name, text in policy_files(world).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    policy = load_policy(folder / "policy.yaml")
    build(policy, folder / "snapshot", KEY)
    scanner = PromptScanner(Snapshot.load(folder / "snapshot", KEY), policy, "m", datetime.now(UTC))
    return lambda text: bool(scanner.scan([Segment(Role.USER, text, 0, ("messages", 0, "content"))]).findings)


def renamed(person: Person, facts: tuple[Attribute, ...], rng: Random) -> str:
    """So many facts about nobody in particular, and a question about the first."""
    told = " ".join(
        f"It is {rng.choice(('said', 'known', 'true'))}: {_stated(person, one, rng)}" for one in facts
    )
    form = rng.choice(wordings(facts[0]))
    return f"{told} {ask(person, facts[0], form).text}".replace(person.name, "person Q")


def _stated(person: Person, fact: Attribute, rng: Random) -> str:
    return rng.choice(statements(person, fact))


def document(person: Person, rng: Random) -> str:
    return " ".join(_stated(person, one, rng) for one in Attribute)


def rate(refused: Refused, texts: list[str]) -> Rate:
    return Rate(sum(map(refused, texts)), len(texts))


@pytest.mark.parametrize("seeds", [(3,), pytest.param((4, 5, 6, 7, 8), marks=pytest.mark.long)], ids=len)
def test_three_facts_say_who_is_meant_and_neighbours_pass(seeds: tuple[int, ...], tmp_path: Path) -> None:
    rates: dict[str, list[Rate]] = {}
    for seed in seeds:
        for what, found in measured(seed, tmp_path / str(seed)).items():
            rates.setdefault(what, []).append(found)
    whole = {
        what: Rate(sum(each.hits for each in found), sum(each.trials for each in found))
        for what, found in rates.items()
    }
    print("\n" + "\n".join(f"{what}: {found}" for what, found in whole.items()))
    assert whole["two facts"].value <= 0.01
    assert whole["three facts"].value >= 0.95
    assert whole["four facts"].value == 1
    assert whole["neighbours"].value <= 0.01
    assert whole["never-trained people"].value <= 0.02


def measured(seed: int, folder: Path) -> dict[str, Rate]:
    """How much is refused in one world."""
    world, rng = demo_world(seed), Random(seed)
    refused = refusing(world, folder)

    def told(count: int) -> list[str]:
        return [renamed(one, facts, rng) for one in world.forgotten for facts in combinations(WEAK, count)]

    about = [one.biography for one in world.retained] + [document(one, rng) for one in world.retained]
    return {
        "two facts": rate(refused, told(2)),
        "three facts": rate(refused, told(3)),
        "four facts": rate(refused, told(4)),
        "neighbours": rate(refused, about),
        "never-trained people": rate(refused, [document(one, rng) for one in world.never_trained(200)]),
    }
