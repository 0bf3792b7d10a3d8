"""The demo policy in examples/ is what the world gives, and nothing else lies beside it."""

from pathlib import Path

from evaluation.demo_policy import policy_files, retained_neighbours
from evaluation.world import demo_world

DEMO = Path(__file__).parents[2] / "examples" / "demo"


def test_the_files_have_not_drifted() -> None:
    expected = policy_files(demo_world())
    for name, text in expected.items():
        assert (DEMO / name).read_text(encoding="utf-8") == text
    folders = ("sources", "questions")
    present = {path.relative_to(DEMO) for folder in folders for path in (DEMO / folder).iterdir()}
    assert present == {name for name in expected if name.parent.name in folders}


def test_no_neighbour_is_forgotten_and_some_retained_people_stay_unseen() -> None:
    world = demo_world()
    neighbours = retained_neighbours(world)
    assert set(neighbours) < set(world.retained)
    assert len(world.retained) - len(neighbours) >= 50
