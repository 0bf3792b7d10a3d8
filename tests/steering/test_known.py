"""What was found for one request holds for another only where the same is forbidden behind the same words."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.key import entry_number
from policy.entry import Entry
from steering.always import Always
from steering.edit import Edit
from steering.known import MOST_EDITS, MOST_TOKENS, Known
from steering.matcher import Matcher
from steering.vocabulary import Vocabulary
from tests.steering.forgetting import END, PASSAGES, Forgetting, policy_of, spelled
from tests.steering.oracle import KEY

PARTS = 257
KNOWN = Vocabulary(
    (b"", *(bytes([byte]) for byte in range(256)), b""), frozenset({END, PARTS}), frozenset({END})
)


@pytest.fixture
def crane() -> Forgetting:
    entries = [
        Entry("crane", names=("Alden Crane",), secrets=("Paris", "Quorvex Zanthipple"), passages=PASSAGES),
        Entry("dunn", names=("Berta Dunn",)),
    ]
    return Forgetting.of(policy_of(entries), KNOWN, frozenset({0, 1}))


def said_whole(matcher: Matcher, *parts: str | int) -> bool:
    """Whether the text, and tokens between its parts, may be said to its end."""
    tokens: list[int] = []
    for part in parts:
        tokens += [1 + byte for byte in part.encode()] if isinstance(part, str) else [part]
    return all_allowed(matcher, tokens)


def all_allowed(matcher: Matcher, tokens: Sequence[int]) -> bool:
    for number in tokens:
        if number in matcher.edit().banned:
            return False
        matcher.push([number])
    return True


def test_who_is_in_sight_tells_the_same_words_apart(crane: Forgetting) -> None:
    seen = []
    for prompt in ("Tell me more.", "Who is Alden Crane? Tell me more.", "Tell me more."):
        matcher = crane.artefact.matcher()
        matcher.push(spelled(crane, prompt), prompt=True)
        seen.append(said_whole(matcher, "so it was Paris"))
    assert seen == [True, False, True]


def test_whom_a_request_steers_tells_the_same_words_apart(crane: Forgetting) -> None:
    numbers = [frozenset({entry_number(KEY, name)}) for name in ("dunn", "crane")]
    assert [said_whole(crane.artefact.matcher(one), "so it was Alden Crane") for one in numbers] == [
        True,
        False,
    ]


def test_what_the_prompt_supplied_tells_the_same_words_apart(crane: Forgetting) -> None:
    numbers, seen = frozenset(crane.artefact.book.numbers), []
    for prompt in ("Alden Crane, Quorvex Zanthipple: tell me more.", "Alden Crane: tell me more."):
        matcher = crane.artefact.matcher(None, numbers)
        matcher.push(spelled(crane, prompt), prompt=True)
        seen.append(said_whole(matcher, "so it was Quorvex Zanthipple"))
    assert seen == [True, False]


def test_a_name_that_has_begun_tells_the_same_word_apart(crane: Forgetting) -> None:
    assert said_whole(crane.artefact.matcher(), "so it was Crane")
    assert not said_whole(crane.artefact.matcher(), "so it was Alden Crane")


def test_a_passage_that_has_begun_tells_the_same_word_apart(crane: Forgetting) -> None:
    assert said_whole(crane.artefact.matcher(), "the town of Brightwater")
    assert not said_whole(crane.artefact.matcher(), "was born in the harbour town of Brightwater")


def test_a_word_that_something_special_parts_is_followed_as_one_to_the_end_of_its_passage(
    crane: Forgetting,
) -> None:
    parted = "was born in the har", PARTS, "bour town of Brightwater"
    assert not said_whole(crane.artefact.matcher(), *parted)


def test_a_word_that_something_special_parts_is_followed_as_one_to_the_end_of_its_name() -> None:
    entry = Entry("crane", names=("Anna Maria Alden Crane",))
    forgetting = Forgetting.of(policy_of([entry]), KNOWN, frozenset({0}))
    assert not said_whole(forgetting.artefact.matcher(), "An", PARTS, "na Maria Alden Crane")


@pytest.mark.parametrize("size", [0, 1, MOST_TOKENS // 8, MOST_TOKENS])
def test_what_is_kept_of_one_state_is_bounded_by_number_and_by_size(size: int) -> None:
    nothing = np.empty(0, np.int32)
    known = Known(Always(nothing, np.empty(0, np.uint8), np.empty(0, np.bool_), ()))
    edit = Edit(np.zeros(size, np.int32), nothing, np.empty(0, np.float32))
    for key in range(MOST_EDITS + 10):
        assert known.keep(key, edit) is edit
    kept = sum(known.edit(key) is not None for key in range(MOST_EDITS + 10))
    assert 1 <= kept <= MOST_EDITS
    assert kept * size <= MOST_TOKENS
