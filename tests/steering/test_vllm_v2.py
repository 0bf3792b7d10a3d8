"""vLLM's second interface: requests in recycled slots, rows in any order, a row for each draft."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from steering.directive import Canary, Directive, seal
from steering.steerer import Parts
from steering.vllm_v2 import SecondInterface
from tests.steering.fakes import END, FORBIDDEN, KEY, SequenceArtefact, steerer
from tests.steering.slots import LONGEST, SLOTS, Slots

NOW = 1000.0
WIDTH = 12
ENDED = [each for each in range(WIDTH) if each != END]


def told(directive: Directive) -> dict[str, str]:
    return {"unsay": seal(directive, KEY, NOW, 60.0)}


IDLE = told(Directive(active=frozenset()))


@pytest.fixture
def slots() -> Slots:
    return Slots()


@pytest.fixture
def interface(slots: Slots) -> SecondInterface:
    return SecondInterface(steerer(), slots.states)


def banned(interface: SecondInterface, layout: Any) -> list[list[int]]:
    """The ids that each row has lost, of rows that were all open."""
    logits = torch.zeros(len(layout.pos), WIDTH)
    interface.apply(logits, layout)
    return [np.flatnonzero(np.isneginf(row)).tolist() for row in logits.numpy()]


@contextmanager
def no_copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def copied(_: torch.Tensor) -> torch.Tensor:
        raise AssertionError("expected no copy from the device")

    with monkeypatch.context() as patched:
        patched.setattr(torch.Tensor, "cpu", copied)
        yield


def test_prompt_and_answer_are_read_from_the_slot(slots: Slots, interface: SecondInterface) -> None:
    slots.put(3, [1, 5])
    assert interface.add(3, None)
    assert banned(interface, slots.layout(3)) == [[]]
    slots.say(3, 6)
    assert banned(interface, slots.layout(3)) == [[7]]
    slots.say(3, 8)
    assert banned(interface, slots.layout(3)) == [[]]


def test_rows_may_come_in_any_order(slots: Slots, interface: SecondInterface) -> None:
    for slot, prompt in enumerate([[5, 6], [1, 1], [5]]):
        slots.put(slot, prompt)
        interface.add(slot, None)
    assert banned(interface, slots.layout(0, 1, 2)) == [[7], [], []]
    slots.say(2, 6)
    slots.say(0, 1)
    assert banned(interface, slots.layout(2, 0)) == [[7], []]


def test_a_long_prompt_may_come_in_parts(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [1, 2, 3, 5, 6])
    interface.add(0, None)
    part, whole = slots.layout(0), slots.layout(0)
    part.pos[0], part.input_ids[0], part.seq_lens_upper_bound_np[0] = 1, 2, 2
    assert banned(interface, part) == [[]]
    assert banned(interface, whole) == [[7]]


def test_a_slot_forgets_who_was_there(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [5, 6])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[7]]
    slots.put(0, [1, 1])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[]]
    slots.put(0, [5, 6])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[7]]
    assert not interface.add(0, IDLE)
    assert banned(interface, slots.layout(0)) == [[]]


def test_a_request_that_was_set_aside_is_read_again(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [1], [5])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[]]
    slots.put(4, [1], [5, 6])
    interface.add(4, None)
    assert banned(interface, slots.layout(4)) == [[7]]


@pytest.mark.parametrize("slack", [0, 2])
def test_each_draft_is_judged_as_if_it_stood(slots: Slots, interface: SecondInterface, slack: int) -> None:
    slots.put(1, [1, 5])
    slots.put(2, [1, 1])
    for slot in (1, 2):
        interface.add(slot, None)
    drafts = {1: [6, 7], 2: [5]}
    assert banned(interface, slots.layout(2, 1, drafts=drafts, slack=slack)) == [[], [], [], [7], []]
    # Its drafts were refused: none of them is part of its history.
    slots.say(1, 3)
    assert banned(interface, slots.layout(1, drafts={1: [5]}, slack=slack)) == [[], []]
    slots.say(1, 6)
    assert banned(interface, slots.layout(1, slack=slack)) == [[]]
    slots.say(1, 5, 6)
    assert banned(interface, slots.layout(1, slack=slack)) == [[7]]


def test_requests_that_are_not_steered_cost_no_copy(
    slots: Slots, interface: SecondInterface, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots.put(0, [5, 6])
    slots.put(1, [5, 6])
    assert not interface.add(0, IDLE)
    with no_copies(monkeypatch):
        assert banned(interface, slots.layout(0)) == [[]]
    interface.add(1, None)
    with no_copies(monkeypatch):
        # A copy where none may be fails, and what fails ends.
        assert banned(interface, slots.layout(0, 1)) == [ENDED, ENDED]
    assert banned(interface, slots.layout(0, 1)) == [[], [7]]


def test_tokens_that_a_grammar_has_masked_stay_masked(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [5, 6])
    interface.add(0, None)
    logits = torch.full((1, WIDTH), -float("inf"))
    logits[0, 4] = 1.0
    interface.apply(logits, slots.layout(0))
    assert torch.isfinite(logits[0]).nonzero().flatten().tolist() == [4]


def test_where_a_grammar_allows_the_forbidden_only_the_row_ends(
    slots: Slots, interface: SecondInterface
) -> None:
    slots.put(0, [5, 6])
    interface.add(0, None)
    logits = torch.full((1, WIDTH), -float("inf"))
    logits[0, 7] = 1.0
    interface.apply(logits, slots.layout(0))
    assert torch.isfinite(logits[0]).nonzero().flatten().tolist() == [END]


def test_a_row_that_fails_ends_alone_and_for_good(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [1], [99])
    slots.put(1, [5, 6])
    for slot in (0, 1):
        interface.add(slot, None)
    assert banned(interface, slots.layout(0, 1)) == [ENDED, [7]]
    slots.say(0, 1)
    assert banned(interface, slots.layout(0, 1)) == [ENDED, [7]]


def test_a_request_that_has_grown_shorter_ends(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [1, 2, 3])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[]]
    slots.put(0, [1])
    assert banned(interface, slots.layout(0)) == [ENDED]


def test_lengths_that_the_engine_overestimates_reach_past_no_slot(
    slots: Slots, interface: SecondInterface
) -> None:
    slots.put(0, [1] * (LONGEST - 2), [5, 6])
    interface.add(0, None)
    assert banned(interface, slots.layout(0, slack=3)) == [[7]]


def test_new_entries_are_taken_between_steps_and_all_is_read_again(slots: Slots) -> None:
    fresh: list[Parts] = []
    interface = SecondInterface(steerer(fresh=lambda: fresh.pop() if fresh else None), slots.states)
    slots.put(0, [8, 5])
    interface.add(0, None)
    assert banned(interface, slots.layout(0)) == [[]]
    fresh.append(Parts(SequenceArtefact((8, 5, 9))))
    assert banned(interface, slots.layout(0)) == [[9]]


def test_a_canary_gets_the_token_that_it_asks_for(slots: Slots, interface: SecondInterface) -> None:
    slots.put(0, [1])
    interface.add(0, told(Directive(generation=1, canary=Canary((3, 4), (8, 9), (10, 11)))))
    said = []
    for _ in range(3):
        logits = torch.zeros(1, WIDTH)
        logits[:, END] = 30.0
        interface.apply(logits, slots.layout(0))
        said.append(int(logits.argmax()))
        slots.say(0, said[-1])
    assert said == [3, 4, END]


def test_answers_to_one_prompt_go_each_their_own_way(slots: Slots, interface: SecondInterface) -> None:
    """As where a request asks for several (`n`)."""
    for slot in (1, 4):
        slots.put(slot, [1, 5])
        interface.add(slot, None)
    assert banned(interface, slots.layout(1, 4)) == [[], []]
    slots.say(1, 6)
    slots.say(4, 1)
    assert banned(interface, slots.layout(4, 1)) == [[], [7]]


def test_behind_a_draft_that_nobody_knows_anything_may_stand(
    slots: Slots, interface: SecondInterface
) -> None:
    slots.put(0, [1, 5])
    interface.add(0, None)
    assert banned(interface, slots.layout(0, drafts={0: [-1, 3]})) == [[], [7], []]
    slots.say(0, 3)
    assert banned(interface, slots.layout(0)) == [[]]


class Life:
    """Requests that come, end, are set aside and come back elsewhere, in parts, with drafts, at random."""

    def __init__(self, interface: SecondInterface, slots: Slots, seed: int) -> None:
        self.interface, self.slots, self.rng = interface, slots, Random(seed)
        self.read: dict[int, int] = {}

    def step(self) -> tuple[list[list[int]], list[list[int]]]:
        """What the rows have lost, and what they must have lost."""
        self._change()
        order = self.rng.sample(sorted(self.read), self.rng.randint(1, len(self.read)))
        whole = [slot for slot in order if self.read[slot] == len(self.slots.said[slot])]
        drafts = {slot: self._tokens(self.rng.randint(0, 3)) for slot in whole}
        layout = self.slots.layout(*order, drafts=drafts, slack=self.rng.randint(0, 2))
        for row, slot in enumerate(order):
            if slot not in whole:
                self._cut(layout, row + sum(len(drafts.get(each, [])) for each in order[:row]), row, slot)
        expected = [
            [FORBIDDEN[-1]] if tuple(said[:end][-2:]) == FORBIDDEN[:-1] else []
            for slot in order
            for said in [[*self.slots.said[slot], *drafts.get(slot, [])]]
            for end in range(self.read[slot], self.read[slot] + len(drafts.get(slot, [])) + 1)
        ]
        found = banned(self.interface, layout)
        for slot in whole:
            self.slots.say(slot, *drafts[slot][: self.rng.randint(0, 3)], *self._tokens(1))
            self.read[slot] = len(self.slots.said[slot])
        for slot in set(order) - set(whole):
            self.read[slot] = self.rng.randint(self.read[slot], len(self.slots.said[slot]))
        return found, expected

    def _cut(self, layout: Any, place: int, row: int, slot: int) -> None:
        """Of this prompt only a part has been read."""
        layout.pos[place] = self.read[slot] - 1
        layout.input_ids[place] = self.slots.said[slot][self.read[slot] - 1]
        layout.seq_lens_upper_bound_np[row] = self.read[slot]

    def _change(self) -> None:
        for slot in list(self.read):
            if len(self.slots.said[slot]) > LONGEST - 8 or self.rng.random() < 0.15:
                said = self.slots.said[slot]
                del self.read[slot]
                if len(said) <= LONGEST - 8 and self.rng.random() < 0.5:
                    self._begin(said)
        while not self.read or (len(self.read) < SLOTS and self.rng.random() < 0.4):
            self._begin(self._tokens(self.rng.randint(1, 8)))

    def _begin(self, said: list[int]) -> None:
        slot = self.rng.choice([each for each in range(SLOTS) if each not in self.read])
        self.slots.put(slot, said[: self.rng.randint(1, len(said))])
        self.slots.say(slot, *said[len(self.slots.said[slot]) :])
        self.interface.add(slot, None)
        self.read[slot] = self.rng.randint(1, len(said))

    def _tokens(self, count: int) -> list[int]:
        return [self.rng.choice(FORBIDDEN) for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_and_goes_each_row_keeps_its_own_history(
    slots: Slots, interface: SecondInterface, seed: int
) -> None:
    life = Life(interface, slots, seed)
    steps = [life.step() for _ in range(200)]
    assert [found for found, _ in steps] == [expected for _, expected in steps]
    assert sum(row != [] for _, rows in steps for row in rows) > 100
