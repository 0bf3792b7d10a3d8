"""One run: which measurements, in which order.

Rule: the columns take turns, and every other round goes backwards, so that none always follows the same one.
"""

from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.bench import Bench
from benchmarks.cases import CASES, Case, Forgotten
from benchmarks.columns import TITLES, Kind
from benchmarks.figures import Samples
from benchmarks.rows import Row, sample, warm_up


@dataclass(frozen=True, slots=True)
class Plan:
    columns: tuple[Kind, ...]
    rows: tuple[Row, ...]
    cases: tuple[Case, ...]
    rounds: int
    seconds: float

    def of(self, case: Case) -> list[Kind]:
        """What forgets nothing is measured once; the pass-through always, for it is compared with."""
        much = case.forgotten is Forgotten.MUCH
        return [kind for kind in self.columns if not much or kind not in (Kind.OFF, Kind.LITELLM)]

    @property
    def whole(self) -> bool:
        """Nothing was left out."""
        return (self.columns, self.rows, self.cases) == (tuple(Kind), tuple(Row), CASES)

    @property
    def steps(self) -> int:
        return sum(len(self.of(case)) for case in self.cases) * len(self.rows) * self.rounds


def carry_out(plan: Plan, bench: Bench, console: Console) -> Samples:
    samples = Samples()
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=console) as progress:
        task = progress.add_task("starting", total=plan.steps)
        for case in plan.cases:
            for kind in plan.of(case):
                progress.update(task, description=f"starting {TITLES[kind]}")
                warm_up(bench, bench.place(kind, case))
            for number in range(plan.rounds):
                for row in plan.rows:
                    for kind in plan.of(case)[:: -1 if number % 2 else 1]:
                        progress.update(task, description=f"{case.name}, {row}: {TITLES[kind]}")
                        samples.add(case, row, kind, sample(bench, row, kind, case, plan.seconds))
                        progress.advance(task)
    return samples
