"""What has been said so far decides what may come next: the prompt, the answer, who is in sight, copies."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from index.key import entry_number
from policy.entry import Entry
from steering.matcher import Matcher
from steering.vocabulary import Vocabulary
from tests.steering.forgetting import END, PASSAGES, Forgetting, policy_of, spelled
from tests.steering.oracle import KEY

DEMO = Path("evaluation/demo_model")


@pytest.fixture(scope="module")
def crane() -> Forgetting:
    """One person, on the demo model's own tokenizer."""
    entry = Entry(
        "crane",
        names=("Alden Crane",),
        secrets=("Paris", "555-201-3391"),
        passages=PASSAGES,
    )
    return Forgetting.of(policy_of([entry]), Vocabulary.load(DEMO), frozenset({0}))


@pytest.mark.parametrize(
    "before",
    [
        "His name is Alden Cra",
        "was born in the harbour town of Brightwat",
        "Call 555-201-339",
        "Alden Crane of Par",
    ],
)
def test_on_the_demo_tokenizer_the_same_tokens_are_banned_as_by_looking_at_all(
    crane: Forgetting, before: str
) -> None:
    tokens = Tokenizer.from_file(str(DEMO / "tokenizer.json")).encode(before).ids
    matcher = crane.artefact.matcher()
    matcher.push(tokens, prompt=True)
    banned, forbidden = set(matcher.edit().banned.tolist()), crane.oracle.forbidden(tokens, [])
    assert forbidden
    assert forbidden <= banned
    assert crane.oracle.needless(banned, tokens, []) == []


def says(matcher: Matcher, tokens: Sequence[int]) -> int:
    """How many of the tokens are allowed one after another."""
    for place, number in enumerate(tokens):
        if number in matcher.edit().banned:
            return place
        matcher.push([number])
    return len(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "Alden Crane", "ALDEN  CRANE", "Crane, Alden", "\u0410lden Cr\u0430ne", "A\u200blden Cra\u00ADne",
        "call 555-201-3391", "5 5 5 2 0 1 3 3 9 1", "ａｌｄｅｎ ｃｒａｎｅ", "AldenCrane",
        "was born in the harbour town of Brightwater", "WAS born in the HARBOUR town... of brightwater",
    ],
)  # fmt: skip
def test_no_way_of_writing_it_slips_through(crane: Forgetting, text: str) -> None:
    tokens = spelled(crane, text)
    assert says(crane.artefact.matcher(), tokens) < len(tokens)
    assert says(crane.artefact.matcher(frozenset()), tokens) == len(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "born in the harbour town of Brightwater", "the harbour town of Brightwater", "Aldan Crane",
        "555-201-339 and 1", "was born in the harbour town of Bright water", "Alden, the crane",
    ],
)  # fmt: skip
def test_what_is_not_all_of_it_may_be_said(crane: Forgetting, text: str) -> None:
    tokens = spelled(crane, text)
    assert says(crane.artefact.matcher(), tokens) == len(tokens)


def test_a_name_of_usual_words_is_one_only_where_it_is_capitalised() -> None:
    known = Vocabulary((b"", *(bytes([byte]) for byte in range(256))), frozenset({END}), frozenset({END}))
    forgetting = Forgetting.of(policy_of([Entry("rose", names=("The Rose",))]), known, frozenset({0}))
    assert [
        says(forgetting.artefact.matcher(), spelled(forgetting, text))
        for text in ("the rose", "The rose", "The Rose")
    ] == [len("the rose"), len("The rose"), len("The Ros")]


def test_the_prompt_goes_on_in_the_answer(crane: Forgetting) -> None:
    matcher = crane.artefact.matcher()
    matcher.push(spelled(crane, "was born in the harbour town of Brightwat"), prompt=True)
    assert says(matcher, spelled(crane, "er")) < 2


def test_the_answer_is_also_read_by_itself(crane: Forgetting) -> None:
    matcher = crane.artefact.matcher()
    matcher.push(spelled(crane, "You know"), prompt=True)
    assert says(matcher, spelled(crane, "Alden Crane")) < len("Alden Crane")


def test_an_ordinary_word_is_a_secret_only_while_its_entry_is_in_sight(crane: Forgetting) -> None:
    paris = spelled(crane, " Paris")
    matcher = crane.artefact.matcher()
    assert says(matcher.copy(), paris) == len(paris)
    matcher.push(spelled(crane, "Who is Alden Crane?"), prompt=True)
    assert matcher.in_sight == {entry_number(KEY, "crane")}
    assert says(matcher, paris) < len(paris)


def test_of_an_allowed_entry_what_stands_in_the_prompt_may_be_said_again(crane: Forgetting) -> None:
    numbers = frozenset(crane.artefact.book.numbers)
    prompt = spelled(crane, "Alden Crane has the number 555-201-3391.")
    again = spelled(crane, "Alden Crane: 555-201-3391")
    allowing, strict = (crane.artefact.matcher(None, allowed) for allowed in (numbers, frozenset[int]()))
    for matcher in (allowing, strict):
        matcher.push(prompt, prompt=True)
    assert says(allowing, again) == len(again)
    assert says(strict, again) < len(again)
    paris = spelled(crane, " in Paris")
    assert says(allowing, paris) < len(paris)


def test_what_clearly_begins_the_last_word_is_banned_with_it(crane: Forgetting) -> None:
    matcher = crane.artefact.matcher()
    matcher.push(spelled(crane, "was born in the harbour town of B"))
    assert says(matcher, spelled(crane, "rightwater")) == len("rightw") - 1
    assert says(matcher.copy(), spelled(crane, "e bright")) == len("e bright")


def test_the_end_is_never_banned(crane: Forgetting) -> None:
    ends = crane.artefact.vocabulary.ends
    matcher = crane.artefact.matcher()
    matcher.push([*spelled(crane, "Alden Cran"), -1])
    assert set(matcher.edit().banned.tolist()) == set(range(crane.artefact.vocabulary.size)) - ends


def test_a_token_that_is_unknown_in_the_prompt_is_no_text(crane: Forgetting) -> None:
    matcher = crane.artefact.matcher()
    matcher.push([*spelled(crane, "Alden"), -1, *spelled(crane, "Who")], prompt=True)
    assert not matcher.edit().acts


def test_a_special_token_parts_nothing_and_everything(crane: Forgetting) -> None:
    special = next(iter(crane.artefact.vocabulary.special - crane.artefact.vocabulary.ends))
    joined, parted = crane.artefact.matcher(), crane.artefact.matcher()
    joined.push([*spelled(crane, "Alden Cra"), special])
    assert says(joined, spelled(crane, "ne")) < 2
    parted.push([*spelled(crane, "know"), special])
    assert says(parted, spelled(crane, "Alden Crane")) < len("Alden Crane")


def test_special_tokens_are_no_way_to_tire_it_out(crane: Forgetting) -> None:
    special = sorted(crane.artefact.vocabulary.special - crane.artefact.vocabulary.ends)
    matcher = crane.artefact.matcher()
    for letter in "abcdefgh":
        if special[0] in matcher.edit().banned:
            break
        matcher.push([*spelled(crane, letter), special[0]])
    assert set(special) <= set(matcher.edit().banned.tolist())
    assert says(matcher, spelled(crane, " Alden Crane")) < len(" Alden Crane")


def test_a_copy_goes_on_by_itself(crane: Forgetting) -> None:
    matcher = crane.artefact.matcher()
    matcher.push(spelled(crane, "Alden Cr"))
    before = matcher.edit().banned.tolist()
    other = matcher.copy()
    other.push(spelled(crane, "ow told Alden Crane of P"))
    assert matcher.edit().banned.tolist() == before
    assert matcher.in_sight == frozenset()
    assert other.in_sight != frozenset()
    paris = spelled(crane, "ow, Paris")
    assert says(matcher, paris) == len(paris)
