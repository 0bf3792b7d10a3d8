"""What a prompt has supplied is known wherever it is asked for, and to no copy that was made before."""

import pytest

from policy.entry import Entry
from steering.book import Window
from steering.rules import Rules
from steering.vocabulary import Vocabulary
from tests.steering.forgetting import END, PASSAGES, Forgetting, policy_of

BYTES = Vocabulary((b"", *(bytes([byte]) for byte in range(256))), frozenset({END}), frozenset({END}))
FIRST, SECOND = Window(0, 1), Window(0, 2)


@pytest.fixture
def rules() -> Rules:
    entries = [Entry("crane", names=("Alden Crane",), passages=PASSAGES)]
    book = Forgetting.of(policy_of(entries), BYTES, frozenset({0})).artefact.book
    return Rules(book, None, frozenset(book.numbers))


def test_each_string_that_the_prompt_supplies_may_be_said_and_tells_states_apart(rules: Rules) -> None:
    states = [rules.state]
    for window in (FIRST, SECOND):
        assert rules.forbids_window(window)
        rules.see((), [window], prompt=True)
        assert rules.supplies
        assert not rules.forbids_window(window)
        states.append(rules.state)
    assert len(set(states)) == 3


def test_what_one_copy_is_supplied_with_no_other_may_say(rules: Rules) -> None:
    rules.see((), [FIRST], prompt=True)
    other = rules.copy()
    rules.see((), [SECOND], prompt=True)
    assert (rules.forbids_window(SECOND), other.forbids_window(SECOND)) == (False, True)
    assert (rules.forbids_window(FIRST), other.forbids_window(FIRST)) == (False, False)


def test_what_an_answer_says_supplies_nothing(rules: Rules) -> None:
    rules.see((), [FIRST], prompt=False)
    assert rules.forbids_window(FIRST)
