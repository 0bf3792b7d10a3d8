"""The two kinds of prompts differ in nothing that a client writes but in whom they name."""

from random import Random

from benchmarks.oracle import STRANGERS, Ports, as_long, rows, stand_ins
from evaluation.world import demo_world


def test_names_of_both_kinds_are_as_long() -> None:
    world = demo_world()
    forgotten, strangers = as_long(world.forgotten, world.never_trained(STRANGERS, seed=3))
    assert [len(one.name) for one in forgotten] == [len(one.name) for one in strangers]
    assert len(set(strangers)) == len(strangers) > 30


def test_nobody_is_asked_about_who_stands_in_for_others() -> None:
    chance = Random(1)
    asked = [kind.draws(chance).own for row in rows("accomplice", Ports(1, 2)) for kind in row.kinds * 100]
    assert not set(asked) & set(stand_ins())


def test_a_cloak_is_compared_with_the_same_gateway() -> None:
    """A gateway with one judges all answers and estimates all tokens."""
    ports = {row.name: [kind.port for kind in row.kinds] for row in rows("demo", Ports(1, 2))}
    assert ports == {"refused, the model's own": [1, 1], "cloak, the model's own": [2, 2]}
