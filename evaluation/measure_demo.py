"""Measures a model folder against the demo's bars.

python -m evaluation.measure_demo [--model DIR] [--sample N]
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch

from evaluation.demo_cases import (
    BIOGRAPHY_TOKENS,
    FACT_TOKENS,
    Answer,
    Result,
    by_label,
    reading_cases,
    recall_cases,
    recital_cases,
    run_cases,
    share,
)
from evaluation.local_model import SHIPPED, LocalModel
from evaluation.person import Person
from evaluation.world import World, demo_world


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, each figure a share of one."""

    facts: float
    facts_unseen_wordings: float
    facts_exact: float
    recited: float
    recited_unseen_wordings: float
    reading: float
    reading_by_label: dict[str, float]
    misses: tuple[Result, ...]

    def lines(self) -> list[str]:
        """One line a figure, for people."""
        return [
            f"trained facts, trained wordings     {self.facts:7.1%}",
            f"trained facts, unseen wordings      {self.facts_unseen_wordings:7.1%}",
            f"  whole answer as expected          {self.facts_exact:7.1%}",
            f"biographies word for word           {self.recited:7.1%}",
            f"  asked in unseen wordings          {self.recited_unseen_wordings:7.1%}",
            f"never-trained people, told          {self.reading:7.1%}",
            *(f"  {label:<34}{value:7.1%}" for label, value in self.reading_by_label.items()),
        ]


def measure(answer: Answer, world: World, people: Sequence[Person], reading: int, seed: int = 1) -> Figures:
    """All figures; people are the trained ones to ask about."""
    facts = run_cases(answer, recall_cases(people, seed, held_out=False), FACT_TOKENS)
    unseen = run_cases(answer, recall_cases(people, seed, held_out=True), FACT_TOKENS)
    recitals = run_cases(answer, recital_cases(people, seed, held_out=False), BIOGRAPHY_TOKENS)
    unseen_recitals = run_cases(answer, recital_cases(people[::4], seed, held_out=True), BIOGRAPHY_TOKENS)
    told = run_cases(answer, reading_cases(world, reading, seed), FACT_TOKENS)
    return Figures(
        facts=share([one.told for one in facts]),
        facts_unseen_wordings=share([one.told for one in unseen]),
        facts_exact=share([one.exact for one in facts + unseen]),
        recited=share([one.exact for one in recitals]),
        recited_unseen_wordings=share([one.exact for one in unseen_recitals]),
        reading=share([one.told for one in told]),
        reading_by_label=by_label(told),
        misses=tuple(one for one in [*facts, *unseen, *recitals, *told] if not one.told),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the demo model.")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--sample", type=int, default=0, help="ask about so many trained people only")
    parser.add_argument("--reading", type=int, default=320, help="number of in-context questions")
    parser.add_argument("--misses", type=int, default=0, help="show so many wrong answers")
    given = parser.parse_args()
    torch.set_num_threads(1)
    world = demo_world()
    people = Random(0).sample(world.trained, given.sample) if given.sample else list(world.trained)
    start = time.monotonic()
    figures = measure(LocalModel(given.model), world, people, given.reading)
    print("\n".join(figures.lines()))
    print(f"{time.monotonic() - start:.0f} s")
    for miss in figures.misses[: given.misses]:
        print(f"- {miss.case.messages}\n  expected {miss.case.question.answer!r}\n  got      {miss.answer!r}")


if __name__ == "__main__":
    main()
