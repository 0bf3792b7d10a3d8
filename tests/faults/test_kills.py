"""Whatever is killed, and whenever: nothing leaks that was in force, and nothing acknowledged is lost."""

import random
import tempfile
from pathlib import Path

import pytest

from tests.faults.campaign import Victim, campaign

# In `make check-long`: so many parts of five, each resumed by itself.
PARTS = 40
OFTEN = 5


def run(seed: int, victims: list[Victim]) -> int:
    """How many answers came whole meanwhile."""
    # Not in pytest's folder: where root runs the tests, the database runs as another user.
    with tempfile.TemporaryDirectory() as folder, campaign(Path(folder), seed) as found:
        for victim in victims:
            found.kill(victim)
        found.check()
        return len(found.seen.answered)


def test_each_is_killed_once_under_load() -> None:
    victims = [Victim.WORKER, Victim.FOLLOWER, Victim.WRITER, Victim.POSTGRES, Victim.PARENT]
    assert run(1, victims) > OFTEN


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_many_are_killed_under_load(part: int) -> None:
    draw = random.Random(part)
    assert run(1000 + part, [draw.choice(list(Victim)) for _ in range(OFTEN)]) > OFTEN
