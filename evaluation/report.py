"""What a run came to: the figures of every row and the verdicts on their bars.

The rule: it is made of the journal's outcomes alone, so that an interrupted run reports as a whole one does,
and it holds numbers, names of attacks and attributes, and nothing that was sent or answered.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.report_leaks import Leaks, Tried
from evaluation.report_rest import Latency, Sameness, Sources, latency, sameness, sources
from evaluation.report_verdict import Verdict, status
from evaluation.run_plan import Plan
from evaluation.run_row import Arm, AttackRow, Outcome, PairRow, SwapRow
from evaluation.target import BarsPart, Target

ByArm = Mapping[Arm, Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Report:
    rows: tuple[Leaks, ...]
    groups: tuple[Leaks, ...]
    harmless: tuple[Sameness, ...]
    swaps: tuple[Sources, ...]
    latency: Latency | None
    left_out: tuple[str, ...]
    wanted: int
    done: int

    @property
    def status(self) -> int:
        """Of the process. Groups repeat what their rows say."""
        return status(self.verdicts)

    @property
    def verdicts(self) -> list[Verdict]:
        return [verdict for _, verdict in self.judged]

    @property
    def judged(self) -> list[tuple[str, Verdict]]:
        """The rows by name."""
        rows = [(one.name, one.verdict) for one in self.rows]
        return rows + [(one.name, one.verdict) for one in self.harmless]


def report(target: Target, plan: Plan, outcomes: Sequence[Outcome]) -> Report:
    found = _by_row(outcomes)
    tried = [_tried(row, found[row.name]) for row in plan.rows if isinstance(row, AttackRow)]
    pairs = [row for row in plan.rows if isinstance(row, PairRow)]
    names = {row.name for row in plan.rows}
    return Report(
        rows=tuple(one.figures(target.k, target.bars) for one in tried),
        groups=tuple(one.figures(target.k, target.bars) for one in _groups(tried)),
        harmless=tuple(_sameness(row, found[row.name], target.bars) for row in pairs),
        swaps=tuple(
            sources(row.name, arm.value, found[row.name].get(arm, ()))
            for row in plan.rows
            if isinstance(row, SwapRow)
            for arm in row.arms
        ),
        latency=latency([one for row in pairs for one in found[row.name].get(Arm.BOTH, ())]),
        left_out=plan.left_out,
        wanted=len(plan.order()) + len(plan.further(outcomes, max(target.k))),
        done=sum(one.failure is None and one.row in names for one in outcomes),
    )


def _by_row(outcomes: Sequence[Outcome]) -> Mapping[str, ByArm]:
    found: dict[str, dict[Arm, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for one in outcomes:
        found[one.row][one.arm].append(one)
    return found


def _tried(row: AttackRow, outcomes: ByArm) -> Tried:
    within = {
        arm: [one for one in found if one.number < row.tries.get(arm, 0)] for arm, found in outcomes.items()
    }
    return Tried(row.name, row.group, row.tries[Arm.WITH], row.attack.bar, within)


def _groups(tried: Sequence[Tried]) -> Iterator[Tried]:
    """Each group as one attacker who tries all of its rows that have a bar."""
    for group in dict.fromkeys(one.group for one in tried):
        rows = [one for one in tried if one.group == group and one.barred]
        if len(rows) > 1:
            yield _together(rows, group)


def _together(rows: Sequence[Tried], group: str) -> Tried:
    """A fact that chance hits in one row is not left out of the others."""
    pooled = {
        arm: [
            replace(one, fact=f"{row.name}: {one.fact}") for row in rows for one in row.outcomes.get(arm, ())
        ]
        for arm in (Arm.WITH, Arm.WITHOUT, Arm.FLOOR)
    }
    return Tried(f"all of group {group}", group, sum(row.wanted for row in rows), True, pooled)


def _sameness(row: PairRow, outcomes: ByArm, bars: BarsPart) -> Sameness:
    found = [one for one in outcomes.get(Arm.BOTH, ()) if one.number < row.count]
    return sameness(row.name, found, _most_altered(row.name, bars), bars.errors)


def _most_altered(name: str, bars: BarsPart) -> float | None:
    """By what the row is about; to a harmless prompt of any other kind nothing may happen."""
    match name.split()[0]:
        case "retained":
            return None if bars.same is None else 1 - bars.same
        case "neighbours":
            return bars.neighbours_altered
        case "clean":
            return bars.clean_altered
        case _:
            return bars.refused
