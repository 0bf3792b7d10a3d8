"""Every token behind which something forgotten is complete is banned, and no other, however a text is cut."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.entry import Entry, Retain
from steering.vocabulary import Vocabulary
from tests.laws import CASES
from tests.steering.forgetting import END, PASSAGES, Forgetting, policy_of, spelled
from tests.steering.oracle import Oracle

OTHER = 1
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


def wanted(oracle: Oracle, chance: random.Random) -> bytes:
    """Something forgotten, in one of the ways of writing it."""
    if not oracle.patterns:
        return b""
    pattern = chance.choice(oracle.patterns)
    return (chance.choice(("", " ")) + chance.choice((" ", " ", "-")).join(pattern.units)).encode()


def faults(
    forgetting: Forgetting, steered: frozenset[int], chance: random.Random, steps: int
) -> Iterator[tuple[set[int], list[int]]]:
    """Say what is forgotten as far as that goes; what is allowed or banned wrongly at a step."""
    oracle, pieces = forgetting.oracle, forgetting.artefact.vocabulary.pieces
    matcher, goal = forgetting.matcher(steered), b""
    prompt, answer = [chance.randrange(2, len(pieces)) for _ in range(chance.randrange(6))], list[int]()
    matcher.push(prompt, prompt=True)
    for _ in range(steps):
        banned = set(matcher.edit().banned.tolist())
        missed, needless = oracle.forbidden(prompt, answer) - banned, oracle.needless(banned, prompt, answer)
        if missed or needless:
            yield missed, needless
        goal = goal or wanted(oracle, chance)
        allowed = [number for number in range(2, len(pieces)) if number not in banned]
        fitting = [number for number in allowed if pieces[number] and goal.startswith(pieces[number])]
        chosen = chance.choice(fitting or allowed)
        goal = goal[len(pieces[chosen]) :] if fitting else b""
        answer.append(chosen)
        matcher.push([chosen])


@pytest.mark.law
@pytest.mark.timeout(3600)
@settings(max_examples=max(5, CASES // 100))
@given(entries(), vocabularies(), st.sampled_from((4, 5, 8)), st.sets(st.integers(0, 2)), st.randoms())
def test_exactly_what_would_complete_something_forgotten_is_banned(
    found: tuple[Entry, ...], known: Vocabulary, window: int, chosen: set[int], chance: random.Random
) -> None:
    steered = frozenset(place for place in range(len(found)) if place not in chosen)
    forgetting = Forgetting.of(policy_of(found, window), known, steered)
    assert list(faults(forgetting, steered, chance, 8)) == []


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
