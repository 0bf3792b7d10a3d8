"""vLLM's first interface: rows come, go, move and swap, and each keeps its own history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import numpy as np
import pytest
import torch

from steering.directive import Canary, Directive, seal
from steering.steerer import MOST_READ, Parts
from steering.vllm_v1 import FirstInterface
from tests.steering.fakes import END, KEY, SequenceArtefact, steerer

NOW = 1000.0
WIDTH = 12


class Direction(Enum):
    UNIDIRECTIONAL = auto()
    SWAP = auto()


@dataclass
class Parameters:
    extra_args: dict[str, Any] | None = None


@dataclass
class Change:
    removed: Sequence[int] = ()
    added: Sequence[tuple[int, Parameters, list[int] | None, list[int]]] = ()
    moved: Sequence[tuple[int, int, Direction]] = ()
    batch_size: int = field(default=2)


def told(directive: Directive) -> Parameters:
    return Parameters({"unsay": seal(directive, KEY, NOW, 60.0)})


def banned(interface: FirstInterface, rows: int = 3) -> dict[int, list[int]]:
    """The ids that each row has lost, of rows that were all open."""
    logits = torch.zeros(rows, WIDTH)
    interface.apply(logits)
    lost = {place: np.flatnonzero(np.isneginf(row)).tolist() for place, row in enumerate(logits.numpy())}
    return {place: ids for place, ids in lost.items() if ids}


ENDED = [each for each in range(WIDTH) if each != END]


@pytest.fixture
def interface() -> FirstInterface:
    return FirstInterface(steerer())


def test_tokens_that_the_engine_appends_are_read_when_the_odds_are_edited(interface: FirstInterface) -> None:
    outputs: list[int] = []
    interface.update(Change(added=[(0, Parameters(), [5], outputs)]))
    assert banned(interface) == {}
    outputs.append(6)
    interface.update(None)
    assert banned(interface) == {0: [7]}
    outputs.append(8)
    assert banned(interface) == {}


def test_a_request_that_comes_back_with_its_answer_begun_is_known_at_once(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, Parameters(), [1], [5])]))
    interface.update(Change(removed=[0]))
    interface.update(Change(added=[(2, Parameters(), [1], [5, 6])]))
    assert banned(interface) == {2: [7]}


def test_moved_rows_take_their_history_along(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, Parameters(), [5, 6], []), (1, Parameters(), [1], [])]))
    interface.update(Change(moved=[(0, 1, Direction.SWAP)]))
    assert banned(interface) == {1: [7]}
    interface.update(Change(moved=[(0, 1, Direction.SWAP)]))
    assert banned(interface) == {0: [7]}
    interface.update(Change(moved=[(0, 1, Direction.SWAP)]))
    interface.update(Change(removed=[0], moved=[(1, 0, Direction.UNIDIRECTIONAL)]))
    assert banned(interface) == {0: [7]}
    interface.update(Change(added=[(1, Parameters(), [1], [])], moved=[(1, 0, Direction.UNIDIRECTIONAL)]))
    assert banned(interface) == {}


def test_a_reused_slot_knows_nothing_of_who_was_there(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, Parameters(), [5, 6], [])]))
    idle = told(Directive(active=frozenset()))
    for after in (Parameters(), idle):
        interface.update(Change(added=[(0, after, [1], [])]))
        assert banned(interface) == {}
        interface.update(Change(added=[(0, Parameters(), [5, 6], [])]))
        assert banned(interface) == {0: [7]}


def test_a_placeholder_may_be_any_token_until_it_is_filled_in(interface: FirstInterface) -> None:
    outputs = [-1]
    interface.update(Change(added=[(0, Parameters(), [5], outputs)]))
    assert banned(interface) == {0: [7]}
    outputs[0] = 1
    assert banned(interface) == {}
    outputs[:] = [6, -1]
    interface.update(Change(added=[(0, Parameters(), [5], outputs)]))
    assert banned(interface) == {}
    outputs[:] = [5, 6]
    interface.update(Change(added=[(0, Parameters(), [1], outputs)]))
    assert banned(interface) == {0: [7]}


def test_a_prompt_of_embeddings_may_have_said_anything(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, Parameters(), None, [6])]))
    assert banned(interface) == {0: [7]}


def test_answers_to_one_prompt_are_steered_apart(interface: FirstInterface) -> None:
    prompt = [5]
    interface.update(Change(added=[(0, Parameters(), prompt, [6]), (1, Parameters(), prompt, [1])]))
    assert banned(interface) == {0: [7]}


@pytest.mark.parametrize(
    "arguments", [None, {}, {"unsay": "broken"}, {"unsay": 1}, {"unsay": ["x"]}], ids=repr
)
def test_without_a_good_directive_everything_is_steered(
    interface: FirstInterface, arguments: dict[str, Any] | None
) -> None:
    interface.update(Change(added=[(0, Parameters(arguments), [5, 6], [])]))
    assert banned(interface) == {0: [7]}


def test_a_directive_without_entries_leaves_its_row_alone(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, told(Directive(active=frozenset())), [5, 6], [])]))
    assert banned(interface) == {}


def test_a_row_that_fails_ends_alone_and_for_good(interface: FirstInterface) -> None:
    outputs = [99]
    interface.update(Change(added=[(0, Parameters(), [1], outputs), (1, Parameters(), [5, 6], [])]))
    assert banned(interface) == {0: ENDED, 1: [7]}
    outputs.append(1)
    assert banned(interface) == {0: ENDED, 1: [7]}


def test_where_rows_cannot_be_told_apart_all_of_them_end(interface: FirstInterface) -> None:
    interface.update(Change(added=[(0, Parameters(), [1])]))  # type: ignore[list-item]
    assert banned(interface, rows=2) == {0: ENDED, 1: ENDED}


def test_what_fails_between_two_steps_ends_the_rows_and_not_the_engine() -> None:
    def fresh() -> Parts | None:
        raise OSError("a disk that is gone")

    interface = FirstInterface(steerer(fresh=fresh))
    interface.update(Change(added=[(0, Parameters(), [1], [])]))
    assert banned(interface, rows=2) == {0: ENDED, 1: ENDED}


def test_new_entries_are_taken_between_steps_and_all_is_read_again() -> None:
    fresh: list[Parts] = []
    interface = FirstInterface(steerer(fresh=lambda: fresh.pop() if fresh else None))
    outputs = [5]
    interface.update(Change(added=[(0, Parameters(), [8], outputs)]))
    assert banned(interface) == {}
    fresh.append(Parts(SequenceArtefact((8, 5, 9))))
    assert banned(interface) == {0: [9]}


def test_new_entries_act_on_new_requests_at_once_and_on_long_ones_step_by_step() -> None:
    fresh = [Parts(SequenceArtefact((8, 5, 9)))]
    interface = FirstInterface(steerer(fresh=lambda: fresh.pop() if fresh else None))
    long = [1] * MOST_READ
    interface.update(Change(added=[(place, Parameters(), [*long, 8], [5, 6]) for place in (0, 1)]))
    assert banned(interface) == {1: [7]}
    interface.update(Change(added=[(2, Parameters(), [8], [5])]))
    assert banned(interface) == {2: [9]}


def test_a_canary_gets_the_token_that_it_asks_for_at_each_step(interface: FirstInterface) -> None:
    canary = Directive(generation=1, canary=Canary((3, 4), (8, 9), (10, 11)))
    stale = Directive(generation=7, canary=Canary((3, 4), (8, 9), (10, 11)))
    outputs: list[int] = []
    interface.update(Change(added=[(0, told(canary), [1], outputs), (1, told(stale), [1], outputs)]))
    said = []
    for _ in range(3):
        logits = torch.zeros(2, WIDTH)
        logits[:, END] = 30.0
        interface.apply(logits)
        said.append(logits.argmax(dim=1).tolist())
        outputs.append(said[-1][0])
    assert said == [[3, 10], [4, 11], [END, END]]
