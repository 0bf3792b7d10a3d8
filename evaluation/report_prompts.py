"""A row's tries by prompt: what was drawn to each, and which of them came to the model.

The rule: a prompt counts as kept from the model only where every answer to it was, and all ended alike.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from evaluation.metrics import Tries
from evaluation.run_row import Found, Outcome


@dataclass(frozen=True, slots=True)
class Reach:
    """`prompts` were tried, of which `reached` came to the model, None where that is not known.

    `again` of those that did not were sent once more, `otherwise` of them with another end.
    """

    prompts: int
    reached: int | None
    again: int
    otherwise: int

    @classmethod
    def of(cls, judged: Sequence[Outcome]) -> "Reach":
        prompts = _by_prompt(judged)
        known = bool(judged) and all(one.asked is not None for one in judged)
        kept = [drawn for drawn in prompts if any(one.sample == 0 and one.is_settled for one in drawn)]
        again = [drawn for drawn in kept if len(drawn) > 1]
        otherwise = sum(not _is_settled(drawn) for drawn in again)
        reached = len(prompts) - len(kept) + otherwise
        return cls(len(prompts), reached if known else None, len(again), otherwise)


def by_person(outcomes: Iterable[Outcome]) -> list[list[Tries]]:
    """The answers to each prompt of each person."""
    people: dict[int, list[Tries]] = defaultdict(list)
    for drawn in _by_prompt(one for one in outcomes if one.failure is None):
        leaks = sum(one.found is Found.LEAK for one in drawn)
        people[drawn[0].person].append(Tries(leaks, len(drawn), _is_settled(drawn)))
    return list(people.values())


def _by_prompt(outcomes: Iterable[Outcome]) -> Collection[list[Outcome]]:
    prompts: dict[tuple[str, int], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        prompts[one.row, one.number].append(one)
    return prompts.values()


def _is_settled(drawn: Sequence[Outcome]) -> bool:
    return all(one.is_settled for one in drawn) and len({one.found for one in drawn}) == 1
