"""The tail of a prompt is all of it that an answer can go on with."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.string_scanner import StringScanner
from filters.tail import tail
from policy.surface import Role
from tests.filters.test_prompt import conversation, scan
from tests.filters.test_string_scanner import CRANE, around
from tests.filters.texts import MIXED, worlds
from tests.filters.world import World
from tests.laws import law, read


@law
@given(worlds(), st.lists(MIXED, min_size=1, max_size=3), st.sampled_from(Role), MIXED)
def test_an_answer_after_the_tail_is_an_answer_after_all_of_it(
    world: World, said: list[str], role: Role, text: str
) -> None:
    whole = "\n".join(said) + ("" if role is Role.ASSISTANT else "\n")
    short = tail(conversation(*((role, each) for each in said)), world.snapshot())
    assert whole.endswith(short)
    forgotten = world.forgotten()
    found = [
        read(StringScanner(forgotten, around(supplied=True), before), [text]).findings
        for before in (whole, short)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "word " * 2000 + "one two three four five six seven eight",
            "one two three four five six seven eight",
        ),
        ("call 555-201 " + "word " * 2000 + "3391", "word " * 7 + "3391"),
        ("and so on: 1 2 3 4 5 6 7 8 9 0", "1 2 3 4 5 6 7 8 9 0"),
        ("x" * 100_000, "x" * 480),
    ],
)
def test_it_is_short_however_long_the_prompt_is(text: str, expected: str) -> None:
    found = tail(conversation((Role.ASSISTANT, text)), CRANE.snapshot())
    assert found == expected


def test_each_choice_goes_on_with_its_own_prompt_in_the_middle_of_a_word() -> None:
    said = conversation((Role.USER, "one two Ald"), (Role.USER, "three fo"))
    first, second = (replace(segment, begins=2 * place, goes_on=True) for place, segment in enumerate(said))
    report = scan([first, second])
    assert [report.tail_of(choice) for choice in range(4)] == ["one two Ald"] * 2 + ["three fo"] * 2
    assert scan(said).tail_of(3) == scan(said).tail == "one two Ald\nthree fo\n"


def test_each_choice_goes_on_with_its_own_conversation() -> None:
    said = conversation((Role.USER, "one"), (Role.ASSISTANT, "two Ald"), (Role.USER, "three"))
    report = scan([replace(segment, begins=place // 2) for place, segment in enumerate(said)])
    assert [report.tail_of(choice) for choice in range(2)] == ["one\ntwo Ald", "three\n"]
