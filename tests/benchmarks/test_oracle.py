"""The two kinds of prompts differ in nothing that a client writes but in whom they name."""

from random import Random

import pytest

from benchmarks.oracle import Ports, Row, rows, stand_ins
from evaluation.world import demo_world


@pytest.fixture(scope="module")
def listed() -> dict[str, Row]:
    return {row.name: row for row in rows("accomplice", Ports(1, 2), demo_world())}


def named(row: Row, place: int) -> set[str]:
    chance = Random(1)
    return {row.kinds[place].draws(chance).own for _ in range(500)}


def test_names_of_both_kinds_are_as_many_and_as_long(listed: dict[str, Row]) -> None:
    lengths = [sorted(map(len, named(listed["cloak, the model's own"], place))) for place in (0, 1)]
    assert lengths[0] == lengths[1]
    assert len(lengths[0]) > 10


def test_nobody_is_asked_about_who_stands_in_for_others(listed: dict[str, Row]) -> None:
    asked = set[str]().union(*(named(row, place) for row in listed.values() for place in (0, 1)))
    assert len(asked) > 20
    assert not asked & set(stand_ins(demo_world()))


def test_a_cloak_is_compared_with_the_same_gateway(listed: dict[str, Row]) -> None:
    """A gateway with one judges all answers and estimates all tokens."""
    ports = {name: {kind.port for kind in row.kinds} for name, row in listed.items()}
    assert ports["cloak, the model's own"] == {2}
    assert set.union(*(found for name, found in ports.items() if name.startswith("refused"))) == {1}
