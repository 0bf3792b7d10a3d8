"""No token is allowed behind which something forgotten is complete, and no other one is banned."""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.key import entry_number
from policy.entry import Entry, Retain
from policy.policy import Policy, Verbatim
from steering.artefact import Artefact
from steering.compile import build
from steering.matcher import Matcher
from steering.vocabulary import Vocabulary
from tests.laws import CASES
from tests.steering.oracle import KEY, Oracle

END, OTHER = 0, 1
DEMO = Path("evaluation/demo_model")
WORDS = ("a", "b", "ab", "ba", "crane", "cranes", "paris", "parish", "o'neil", "é", "中", "国", "alden", "x1")
# Letters, parts of words, joints of every kind, halves of characters, look-alikes, what cannot be seen.
SIGNS = (
    *(
        "a",
        "b",
        " ",
        "'",
        "1",
        "2",
        "5",
        "-",
        "C",
        "r",
        "an",
        "e",
        "A",
        "é",
        "中国",
        "\u200b",
        "s",
        "P",
        "aris",
    ),
    *("par", "is", "ﬁ", "ab ", "b a", ". ", "o'", "neil", "12", " 5-1", "ald", "en"),
)
HALVES = (b"\xe4", b"\xb8\xad", b"\xe4\xb8", b"\xad", b"\xc3", b"\xa9", b"\xff")

PASSAGES = ("He was born in the harbour town of Brightwater, the third son of a lighthouse keeper.",)

words = st.sampled_from(WORDS)
phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
passages = st.lists(words, min_size=4, max_size=9).map(" ".join)
numbers = st.text("125", min_size=6, max_size=11)
retained = st.lists(passages.map(lambda text: Retain(text, "source")), max_size=1).map(tuple)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            f"entry-{place}",
            names=tuple(name.title() for name in draw(st.lists(phrases, max_size=2, unique=True))),
            passages=tuple(draw(st.lists(passages, max_size=2))),
            secrets=tuple(draw(st.lists(phrases | numbers, max_size=2, unique=True))),
            retain=draw(retained),
        )
        for place in range(draw(st.integers(1, 3)))
    )


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    joined = st.lists(
        st.sampled_from([*SIGNS, *WORDS, *(f" {word}" for word in WORDS)]), min_size=2, max_size=4
    )
    texts = [*SIGNS, *WORDS, *(f" {word}" for word in WORDS), *(word.title() for word in WORDS)]
    texts += map("".join, draw(st.lists(joined, max_size=20)))
    halves = [text.encode()[1:] for text in texts if not text.isascii()]
    pieces = [b"", b"", *(text.encode() for text in texts), *HALVES, *halves]
    return Vocabulary(tuple(pieces), frozenset({END, OTHER}), frozenset({END}))


@dataclass(frozen=True)
class Forgetting:
    """An artefact of some entries, and the slow way of knowing what it must do."""

    artefact: Artefact
    oracle: Oracle

    @classmethod
    def of(cls, policy: Policy, vocabulary: Vocabulary, steered: frozenset[int]) -> "Forgetting":
        with tempfile.TemporaryDirectory() as folder:
            build(policy, Path(folder), KEY, vocabulary, 1)
            artefact = Artefact.load(Path(folder), KEY, vocabulary)
        return cls(artefact, Oracle(policy, vocabulary, steered))

    def matcher(self, steered: frozenset[int]) -> Matcher:
        return self.artefact.matcher(frozenset(self.artefact.book.numbers[place] for place in steered))


def policy_of(found: Sequence[Entry], window: int = 8) -> Policy:
    return Policy(tuple(found), "d" * 64, verbatim=Verbatim(window, 2))


def wanted(oracle: Oracle, chance: random.Random) -> bytes:
    """Something forgotten, in one of the ways of writing it."""
    if not oracle.patterns:
        return b""
    pattern = chance.choice(oracle.patterns)
    return (chance.choice(("", " ")) + chance.choice((" ", " ", "-")).join(pattern.units)).encode()


def needless(oracle: Oracle, banned: set[int], prompt: list[int], answer: list[int]) -> list[int]:
    """What is banned but neither completes something forgotten nor clearly begins the last word of it."""
    before = oracle.texts(prompt, answer)
    return [
        number
        for number in banned - oracle.forbidden(prompt, answer)
        if not any(map(oracle.begins, before, oracle.texts(prompt, [*answer, number])))
    ]


def walk(forgetting: Forgetting, steered: frozenset[int], chance: random.Random, steps: int) -> int:
    """Say what is forgotten as far as that goes, and look at every token at each step."""
    oracle, pieces = forgetting.oracle, forgetting.artefact.vocabulary.pieces
    matcher, goal, count = forgetting.matcher(steered), b"", 0
    prompt, answer = [chance.randrange(2, len(pieces)) for _ in range(chance.randrange(6))], list[int]()
    matcher.push(prompt, prompt=True)
    for _ in range(steps):
        banned = set(matcher.edit().banned.tolist())
        assert oracle.forbidden(prompt, answer) <= banned
        assert needless(oracle, banned, prompt, answer) == []
        count += len(banned)
        goal = goal or wanted(oracle, chance)
        allowed = [number for number in range(2, len(pieces)) if number not in banned]
        fitting = [number for number in allowed if pieces[number] and goal.startswith(pieces[number])]
        chosen = chance.choice(fitting or allowed)
        goal = goal[len(pieces[chosen]) :] if fitting else b""
        answer.append(chosen)
        matcher.push([chosen])
    return count


@pytest.mark.law
@pytest.mark.timeout(3600)
@settings(max_examples=max(5, CASES // 100))
@given(entries(), vocabularies(), st.sampled_from((4, 5, 8)), st.sets(st.integers(0, 2)), st.randoms())
def test_exactly_what_would_complete_something_forgotten_is_banned(
    found: tuple[Entry, ...], known: Vocabulary, window: int, chosen: set[int], chance: random.Random
) -> None:
    steered = frozenset(place for place in range(len(found)) if place not in chosen)
    forgetting = Forgetting.of(policy_of(found, window), known, steered)
    assert walk(forgetting, steered, chance, 8) >= 0


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
    assert needless(crane.oracle, banned, tokens, []) == []


def spelled(forgetting: Forgetting, text: str) -> list[int]:
    """One byte a token, as nothing else would."""
    pieces = forgetting.artefact.vocabulary.pieces
    return [pieces.index(bytes([byte])) for byte in text.encode()]


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


def banned_behind(before: bytes, token: bytes, name: str, *, prompt: bool = True) -> bool:
    """Whether a token is banned behind a prompt or a begun answer, in a vocabulary of it and single bytes."""
    pieces = (b"", *(bytes([byte]) for byte in range(256)), token)
    known = Vocabulary(pieces, frozenset({END}), frozenset({END}))
    forgetting = Forgetting.of(policy_of([Entry("entry", names=(name,))]), known, frozenset({0}))
    matcher = forgetting.artefact.matcher()
    matcher.push([1 + byte for byte in before], prompt=prompt)
    return 257 in matcher.edit().banned


def test_whole_words_are_told_apart_by_their_capitals() -> None:
    assert banned_behind(b"The", b" Rose", "The Rose")
    assert not banned_behind(b"The", b" rose", "The Rose")
    assert not banned_behind(b"the", b" Rose", "The Rose")


def test_an_answer_that_begins_with_a_name_is_read_by_itself() -> None:
    assert banned_behind(b"Who do you know", b"Alden Crane", "Alden Crane")


def test_a_character_that_is_never_finished_parts_words() -> None:
    assert banned_behind(b"Ada\xe4", b"Ole", "Ada Ole", prompt=False)
    assert not banned_behind(b"Ada", b"Ole", "Ada Ole", prompt=False)


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


@pytest.mark.parametrize(
    ("before", "token"),
    [
        ("", " Alden Crane"), ("", "Alden Crane, who"), (" Ald", "en Crane"), ("", " AldenCrane"),
        (" son", ". Alden Crane"), (" Alden", " C-rane"), (" 555-201", "-3391x"),
        (" know", "s Alden Crane"),  (" Ada O", "'Neil"), (" Ada O'", "Neil"), (" Ada O", "’Neil's"),
        (" was born in the harbour", " town of Brightwater"),
        (" was born in the har", "bour town of Brightwater, the"), (" 555", "-201-3391"), ("", "5552013391"),
        ("", " was born in the harbour town of Brightwater"), (" 張", "偉明天"), ("", "張偉"),
    ],
)  # fmt: skip
def test_a_token_of_several_words_is_banned_like_any_other(before: str, token: str) -> None:
    pieces = [b"", *(bytes([byte]) for byte in range(256)), token.encode()]
    entry = Entry(
        "crane", names=("Alden Crane", "張偉", "Ada O'Neil"), secrets=("555-201-3391",), passages=PASSAGES
    )
    known = Vocabulary(tuple(pieces), frozenset({END}), frozenset({END}))
    forgetting = Forgetting.of(policy_of([entry]), known, frozenset({0}))
    tokens = spelled(forgetting, before)
    matcher = forgetting.artefact.matcher()
    matcher.push(tokens)
    banned = set(matcher.edit().banned.tolist())
    assert forgetting.oracle.forbidden([], tokens) <= banned
    assert (257 in banned) is (token != " C-rane")
