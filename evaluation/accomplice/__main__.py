"""Serves the accomplice on loopback.

    python -m evaluation.accomplice --port 8001 --world 20261101 --world 7:150:150

A world is a seed, or seed:forgotten:retained for a larger one than the demo's.
"""

import argparse

from evaluation.accomplice import serve
from evaluation.person import Person
from evaluation.world import DEMO_SEED, demo_world, generated_world


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a model that knows worlds and helps every attacker.")
    parser.add_argument("--world", action="append", help="SEED or SEED:FORGOTTEN:RETAINED; may be repeated")
    parser.add_argument("--port", type=int, default=8001, help="0 for any free one")
    parser.add_argument("--recall", action="store_true", help="memory wins over what the prompt tells")
    given = parser.parse_args()
    people = [one for world in given.world or [str(DEMO_SEED)] for one in _people(world)]
    serve(people, given.port, recalls=given.recall)


def _people(world: str) -> tuple[Person, ...]:
    numbers = [int(part) for part in world.split(":")]
    return (demo_world(*numbers) if len(numbers) == 1 else generated_world(*numbers)).trained


if __name__ == "__main__":
    main()
